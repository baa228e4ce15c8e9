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
  maxInFlight: null,
  standing: NEW_STANDING,
  createdAt: 0,
  placement: 0,
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

it("takes no removed key in again, however many are removed after it", () => {
  const known = new KnownKeys();
  for (let id = 1; id <= 100_001; id++) known.remove(id);
  expect([1, 2, 100_001].map((id) => known.adopt(key(id)))).toEqual([undefined, undefined, undefined]);
});

it("does not remember each removal for ever", () => {
  const known = new KnownKeys();
  for (let id = 1; id <= 200_001; id++) known.remove(id);
  expect(known.adopt(key(1))).toEqual(key(1));
  expect(known.adopt(key(100_001))).toBeUndefined();
});
