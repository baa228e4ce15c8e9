import { expect, it } from "vitest";
import { KeyCensus } from "../../../src/application/keyring/key-census.ts";
import type { Key, Standing } from "../../../src/domain/index.ts";
import { cooling, disabledByPerson, keyDraft, NOON, standing } from "../../../src/testing/storage.ts";

let ids = 0;
const key = (changes: Partial<Key> & { readonly standing?: Standing } = {}): Key => ({
  ...keyDraft(),
  id: ++ids,
  createdAt: NOON,
  placement: 0,
  standing: standing(),
  ...changes,
});
const east = { service: "speech", region: "eastasia" } as const;
const counts = (enabled: number, cooldown: number, disabled: number) => ({ enabled, cooldown, disabled });

it("counts the keys of each service and region by status", () => {
  const census = new KeyCensus([
    ...[key(), key(), key({ standing: cooling() }), key({ standing: disabledByPerson() })],
    key({ region: "westus" }),
    key({ service: "translation", standing: disabledByPerson() }),
  ]);
  expect(census.count(NOON)).toEqual([
    { ...east, counts: counts(2, 1, 1) },
    { ...east, region: "westus", counts: counts(1, 0, 0) },
    { ...east, service: "translation", counts: counts(0, 0, 1) },
  ]);
});

it("a key whose rest has ended is enabled from that instant on", () => {
  const census = new KeyCensus([key({ standing: cooling(NOON + 10) })]);
  const at = (now: number) => census.count(now)[0]?.counts;
  expect([at(NOON + 9), at(NOON + 10)]).toEqual([counts(0, 1, 0), counts(1, 0, 0)]);
});

it("a key that is disabled while it rests counts as disabled", () => {
  const disabled = { ...disabledByPerson(), cooldownUntil: NOON + 10, protectedUntil: NOON + 10 };
  expect(new KeyCensus([key({ standing: disabled })]).count(NOON)[0]?.counts).toEqual(counts(0, 0, 1));
});

it("a key that leaves counts no more, whatever its status, and no place is left without keys", () => {
  const keys = [key(), key({ standing: cooling() }), key({ standing: disabledByPerson() })];
  const census = new KeyCensus([...keys, ...keys.map((each) => key({ standing: each.standing }))]);
  for (const each of keys) census.leave(each);
  expect(census.count(NOON)).toEqual([{ ...east, counts: counts(1, 1, 1) }]);
  const alone = key({ region: "westus" });
  census.enter(alone);
  census.leave(alone);
  expect(census.count(NOON)).toHaveLength(1);
});

it("a key whose standing changes is counted once, by the new one", () => {
  const resting = key({ standing: cooling() });
  const census = new KeyCensus([resting]);
  census.leave(resting);
  census.enter({ ...resting, standing: cooling(NOON + 90_000) });
  expect(census.count(NOON + 60_000)[0]?.counts).toEqual(counts(0, 1, 0));
});
