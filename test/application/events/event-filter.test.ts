import { describe, expect, it } from "vitest";
import { type EventFilter, seenThrough } from "../../../src/application/index.ts";
import type { FeedEvent, KeyEvent, Scope } from "../../../src/domain/index.ts";

const KEY: KeyEvent = {
  kind: "key",
  at: 1,
  ...{ keyId: 7, service: "speech", region: "eastasia", keyName: "one", tag: "gold" },
  ...{ actor: "caller", action: "cooldown_start", status: "cooldown", cooldownUntil: 9, code: 429 },
};
const REPORT: FeedEvent = {
  ...{ kind: "report", at: 1, keyId: 7, service: "speech", region: "eastasia", keyName: "one", tag: null },
  ...{ code: 200, action: "keep_enabled", reason: null, statusChanged: false },
};
const SETTING: FeedEvent = { kind: "setting", at: 1, actor: "root", name: "n", value: "v" };
const TOKEN: FeedEvent = { kind: "token", at: 1, actor: "root", action: "created", tokenId: "t", name: "n" };
const HEALTH: FeedEvent = {
  ...{ kind: "health", at: 1, status: "degraded", parts: [{ name: "redis", status: "down" }] },
};
const IMPORT: FeedEvent = {
  ...{ kind: "import", at: 1, importId: "i", service: "speech", total: 1, done: 1 },
  ...{ created: 1, skipped: 0, failed: 0, ended: true },
};
const ALL = [KEY, REPORT, SETTING, TOKEN, HEALTH, IMPORT];

const seen = (filter: EventFilter) =>
  ALL.flatMap((event) => seenThrough(filter, event) ?? []).map(({ kind }) => kind);
const scoped = (scope: Scope) => seen({ scope });

it("tells all where nothing is asked for", () => {
  for (const event of ALL) expect(seenThrough({}, event)).toBe(event);
});

it("tells the kinds that are asked for", () => {
  expect(seen({ kinds: ["health", "key"] })).toEqual(["key", "health"]);
});

it("tells of keys of one service and region, and of what is about more than keys", () => {
  expect(seen({ service: "speech", region: "eastasia" })).toEqual(ALL.map(({ kind }) => kind));
  expect(seen({ service: "translation" })).toEqual(["setting", "token", "health"]);
  expect(seen({ region: "westus" })).toEqual(["setting", "token", "health", "import"]);
});

describe("within a scope", () => {
  it("nothing is told of other keys, settings and tokens", () => {
    expect(scoped({ services: ["speech"] })).toEqual(["key", "report", "health", "import"]);
    expect(scoped({ services: ["translation"] })).toEqual(["health"]);
    expect(scoped({ regions: ["eastasia"] })).toEqual(["key", "report", "health"]);
    expect(scoped({ regions: ["westus"] })).toEqual(["health"]);
    expect(scoped({ tags: ["gold"] })).toEqual(["key", "health"]);
  });

  it("the health is told without its parts", () => {
    expect(seenThrough({ scope: { regions: ["westus"] } }, HEALTH)).toEqual({ ...HEALTH, parts: [] });
  });
});

describe("a key that is moved", () => {
  const moved: KeyEvent = {
    ...KEY,
    ...{ action: "update_key", status: "enabled", cooldownUntil: null, code: null },
    left: { region: "westus", keyName: "before", tag: "silver" },
  };

  it("is told of in the region that it has left", () => {
    expect(seenThrough({ region: "westus" }, moved)).toBe(moved);
    expect(seenThrough({ region: "eastasia" }, moved)).toBe(moved);
    expect(seenThrough({ region: "northeurope" }, moved)).toBeUndefined();
  });

  it.each<Scope>([{ regions: ["westus"] }, { tags: ["silver"] }, { regions: ["westus"], tags: ["silver"] }])(
    "is gone for whose scope %j it has left, without a word of where it is and what it is called there",
    (scope) => {
      const { left: _, ...gone } = {
        ...moved,
        action: "delete_key",
        region: "westus",
        keyName: "before",
        tag: "silver",
        status: null,
      };
      expect(seenThrough({ scope }, moved)).toEqual(gone);
    },
  );

  it("is not told of where neither place is in the scope, nor where only both together are", () => {
    expect(seenThrough({ scope: { regions: ["westus"], tags: ["gold"] } }, moved)).toBeUndefined();
    expect(seenThrough({ region: "eastasia", scope: { regions: ["westus"] } }, moved)).toBeUndefined();
  });
});
