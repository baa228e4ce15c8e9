import { expect, it } from "vitest";
import { Roster } from "../../src/application/roster.ts";
import { disable, type Key, NEW_STANDING } from "../../src/domain/index.ts";

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
  const roster = new Roster();
  roster.adopt(key(1));
  roster.adopt(key(2));
  roster.confirm(1, disable(NEW_STANDING, 0));
  expect(roster.find("speech", key(2).secret)).toEqual(key(2));
  roster.remove(1);
  expect(roster.find("speech", key(2).secret)).toEqual(key(2));
  roster.remove(2);
  expect(roster.find("speech", key(2).secret)).toBeUndefined();
});
