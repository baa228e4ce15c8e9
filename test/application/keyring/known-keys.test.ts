import { expect, it } from "vitest";
import { KnownKeys } from "../../../src/application/keyring/known-keys.ts";
import { disable, type Key, NEW_STANDING } from "../../../src/domain/index.ts";

const key = (id: number): Key => ({
  id,
  service: "speech",
  secret: "0123456789abcdef",
  region: "eastasia",
  name: "",
  tag: null,
  standing: NEW_STANDING,
  createdAt: 0,
});

it("finds a key that was added anew, whatever is learned late about the one before", () => {
  const known = new KnownKeys();
  known.adopt(key(1));
  known.adopt(key(2));
  known.confirm(1, disable(NEW_STANDING, 0));
  expect(known.find("speech", key(2).secret)).toEqual(key(2));
  known.remove(1);
  expect(known.find("speech", key(2).secret)).toEqual(key(2));
  known.remove(2);
  expect(known.find("speech", key(2).secret)).toBeUndefined();
});
