import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SettingEntry, SettingRepository } from "../domain/index.ts";
import { logDraft, NOON, type Open, type OpenStorage } from "./storage.ts";

export function describeSettingRepository(name: string, open: Open): void {
  describe(`${name} as a SettingRepository`, () => {
    let storage: OpenStorage;
    let settings: SettingRepository;

    beforeEach(async () => {
      storage = await open();
      settings = storage.settings;
    });
    afterEach(() => storage.close());

    const logged = async () =>
      (await storage.log.list({ services: ["speech", null], offset: 0, limit: 10 })).entries.map(
        ({ note }) => note,
      );

    it("starts empty", async () => {
      expect(await settings.all()).toEqual([]);
    });

    it("adds, and answers entries by name", async () => {
      await settings.apply([change("b", "2"), change("B", "x"), change("a_", "1"), change("a", "1")], null);
      expect((await settings.all()).map((entry) => entry.name)).toEqual(["B", "a", "a_", "b"]);
      expect((await settings.all())[3]).toEqual(entry("b", "2"));
    });

    it("keeps the instant of creation when an entry changes", async () => {
      await settings.apply([change("a", "1")], null);
      await settings.apply([{ ...change("a", "2"), at: NOON + 5, description: "new" }], null);
      expect(await settings.all()).toEqual([
        { ...entry("a", "2"), description: "new", createdAt: NOON, updatedAt: NOON + 5 },
      ]);
    });

    it("removes, also what is not there", async () => {
      await settings.apply([change("a", "1"), change("b", "2")], null);
      await settings.apply(
        [
          { name: "a", removed: true },
          { name: "zzz", removed: true },
        ],
        null,
      );
      expect((await settings.all()).map((entry) => entry.name)).toEqual(["b"]);
    });

    it("applies changes in the order given", async () => {
      await settings.apply([change("a", "1"), { name: "a", removed: true }, change("a", "3")], null);
      expect(await settings.all()).toEqual([entry("a", "3")]);
    });

    it("writes the log row with the changes", async () => {
      await settings.apply(
        [change("a", "1")],
        logDraft({ service: null, action: "update_config", note: "n" }),
      );
      expect(await logged()).toEqual(["n"]);
    });

    it("seeds what is missing and never touches what is there", async () => {
      await settings.apply([change("a", "mine")], null);
      await settings.seed([entry("a", "default"), entry("b", "default")]);
      await settings.seed([entry("b", "other")]);
      await settings.seed([]);
      expect(await settings.all()).toEqual([entry("a", "mine"), entry("b", "default")]);
      expect(await logged()).toEqual([]);
    });

    it("holds long and foreign text", async () => {
      const value = "值🔑'\"\\\n".repeat(1000);
      await settings.apply([change("a", value)], null);
      expect((await settings.all())[0]?.value).toBe(value);
    });
  });
}

function change(name: string, value: string) {
  return { name, value, description: `about ${name}`, at: NOON };
}

function entry(name: string, value: string): SettingEntry {
  return { name, value, description: `about ${name}`, createdAt: NOON, updatedAt: NOON };
}
