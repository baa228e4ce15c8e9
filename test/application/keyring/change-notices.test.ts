import { beforeEach, describe, expect, it } from "vitest";
import { ChangeNotices, type DurableChange } from "../../../src/application/keyring/change-notices.ts";
import { type Announcement, type Key, keyLogDraft } from "../../../src/domain/index.ts";
import { keyDraft, standing } from "../../../src/testing/storage.ts";

const KEY: Key = { ...keyDraft(), id: 7, createdAt: 0, placement: 0, standing: standing() };

let announced: Announcement[];
let heard: unknown[];
let pauses: { readonly ms: number; readonly end: () => void }[];
let notices: ChangeNotices;
beforeEach(() => {
  [announced, heard, pauses] = [[], [], []];
  notices = new ChangeNotices({
    announce: (announcement) => announced.push(announcement),
    pause: (ms) => new Promise((end) => pauses.push({ ms, end })),
    listeners: {
      onChange: (change) => heard.push(change),
      onRestricted: (...restricted) => heard.push(restricted),
      onCorrection: (id) => heard.push(id),
    },
  });
});

/** What follows from a promise that has settled has been done by then. */
const settled = () => new Promise(setImmediate);

describe("a change that has become durable", () => {
  it("is announced by the key's id alone", () => {
    notices.changed(KEY, null);
    expect(announced).toEqual([{ kind: "key-changed", id: 7 }]);
  });

  it("is told in this process with its log row, and without the secret", () => {
    const entry = keyLogDraft(KEY, "update_key", { at: 1 });
    notices.changed(KEY, entry, { ...KEY, region: "westus" });
    const [change] = heard as [DurableChange];
    expect(change).toMatchObject({ key: { id: 7, region: "eastasia" }, entry, left: { region: "westus" } });
    expect(JSON.stringify(change)).not.toContain(KEY.secret);
  });

  it("of a key that stays where it is says of no place that it left", () => {
    notices.changed(KEY, null);
    expect(heard[0]).not.toHaveProperty("left");
  });
});

describe("a restriction that the store has taken", () => {
  it("is told in this process at once", () => {
    notices.restricted(7, "tag", new Promise(() => {}));
    expect(heard).toEqual([[7, "tag"]]);
  });

  it("is announced after 20 ms where it is not durable by then", async () => {
    notices.restricted(7, "all", new Promise(() => {}));
    await settled();
    expect([pauses.map(({ ms }) => ms), announced]).toEqual([[20], []]);
    pauses[0]?.end();
    await settled();
    expect(announced).toEqual([{ kind: "key-restricted", id: 7 }]);
  });

  it("is announced where the storage has refused it", async () => {
    notices.restricted(7, "all", Promise.reject(new Error("made to fail")));
    await settled();
    expect(announced).toEqual([{ kind: "key-restricted", id: 7 }]);
  });

  it("is not announced ahead of its write where that is done in time", async () => {
    notices.restricted(7, "all", Promise.resolve());
    await settled();
    pauses[0]?.end();
    await settled();
    expect(announced).toEqual([]);
  });
});

it("what is found out about the store concerns this process alone", () => {
  notices.foundRestricted(7);
  notices.corrected(8);
  expect([heard, announced]).toEqual([[[7, "all"], 8], []]);
});

it("nobody has to listen", () => {
  const alone = new ChangeNotices({ announce: () => {}, pause: async () => {} });
  alone.changed(KEY, null);
  alone.restricted(7, "all", Promise.resolve());
  alone.foundRestricted(7);
  alone.corrected(7);
});
