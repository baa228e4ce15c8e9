import { describe, expect, it } from "vitest";
import { unusableTarget } from "../../src/domain/index.ts";

describe("a target that cannot be probed", () => {
  it.each([
    ["12345678", "eastasia", undefined],
    ["12345678", "EastAsia", undefined],
    ["1234567", "eastasia", "unusable-key"],
    ["1234\r\n5678", "eastasia", "unusable-key"],
    ["12345678\u00e9", "eastasia", "unusable-key"],
    ["12345678", "127.0.0.1:9/x?", "unusable-region"],
    ["12345678", "", "unusable-region"],
  ])("%j in %j: %j", (secret, region, fault) => {
    const evidence = unusableTarget({ secret, region });
    expect(evidence).toEqual(fault && { kind: "not-asked", fault });
  });
});
