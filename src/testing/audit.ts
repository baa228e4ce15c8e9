import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Audit, AuditDraft, AuditEntry, AuditQuery } from "../domain/index.ts";
import { NOON } from "./storage.ts";

export interface OpenAudit {
  readonly audit: Audit;
  /** A second adapter on the same backend; absent where a backend has one owner. */
  readonly another?: Audit;
  /** Changes one field of a row, or takes the row away, as who can only write the storage would. Absent where nobody can. */
  readonly tamper?: (sequence: number, change: Partial<AuditEntry> | "take away") => Promise<void>;
  close(): Promise<void>;
}

export function auditDraft(changes: Partial<AuditDraft> = {}): AuditDraft {
  return {
    at: NOON,
    actor: { id: "0123456789ab", name: "第一 🔑", role: "operator" },
    address: "::1",
    requestId: "r-1",
    act: "update_key",
    subject: "speech key 7",
    before: { keyname: "it's", tag: null, nested: { regions: ["eastasia"] } },
    after: { keyname: "日本" },
    failure: null,
    ...changes,
  };
}

/** The rules of the `Audit` port, the same for every adapter. */
export function describeAudit(name: string, open: () => Promise<OpenAudit>): void {
  describe(`${name} as an Audit`, () => {
    let opened: OpenAudit;
    let audit: Audit;

    beforeEach(async () => {
      opened = await open();
      audit = opened.audit;
    });
    afterEach(() => opened.close());

    const append = async (...changes: Partial<AuditDraft>[]) => {
      for (const one of changes) await audit.append(auditDraft(one));
    };
    const page = (query: Partial<AuditQuery> = {}) => audit.list({ offset: 0, limit: 100, ...query });
    const subjects = async (query: Partial<AuditQuery> = {}) =>
      (await page(query)).entries.map(({ subject }) => subject);

    it("starts empty and intact", async () => {
      expect(await page()).toEqual({ entries: [], total: 0 });
      expect(await audit.verify()).toEqual({ intact: true, rows: 0 });
    });

    it("returns every field as it was written, the last written first", async () => {
      const bare = auditDraft({
        ...{ at: NOON - 1, actor: { id: "system", name: "s", role: null }, address: null, requestId: null },
        ...{ act: "prune_audit", before: null, after: { through: 0 }, failure: "key_exists" },
      });
      expect((await audit.append(auditDraft())).sequence).toBe(1);
      expect((await audit.append(bare)).sequence).toBe(2);
      const entries = [
        { ...bare, sequence: 2 },
        { ...auditDraft(), sequence: 1 },
      ];
      expect(await page()).toEqual({ entries, total: 2 });
    });

    it("filters by act, actor and time, alone and together, page by page", async () => {
      const other = { id: "env", name: "ADMIN_TOKEN", role: "admin" } as const;
      await append(
        { subject: "a" },
        { subject: "b", at: NOON + 1, actor: other },
        { subject: "c", at: NOON + 2, act: "add_key" },
        { subject: "d", at: NOON + 3, act: "add_key", actor: other },
      );
      expect(await subjects({ act: "add_key" })).toEqual(["d", "c"]);
      expect(await subjects({ actor: "env" })).toEqual(["d", "b"]);
      expect(await subjects({ from: NOON + 1, to: NOON + 2 })).toEqual(["c", "b"]);
      expect(await subjects({ act: "add_key", actor: "env", from: NOON, to: NOON + 2 })).toEqual([]);
      expect(await subjects({ offset: 1, limit: 2 })).toEqual(["c", "b"]);
      expect(await page({ offset: 9 })).toEqual({ entries: [], total: 4 });
      expect((await page({ actor: "env", limit: 1 })).total).toBe(2);
    });

    it("numbers concurrent rows without a gap, and chains them", async () => {
      const writers = [audit, opened.another ?? audit];
      const heads = await Promise.all(
        Array.from({ length: 200 }, (_, n) => (writers[n % 2] as Audit).append(auditDraft({ at: NOON + n }))),
      );
      const numbers = heads.map(({ sequence }) => sequence).toSorted((a, b) => a - b);
      expect(numbers).toEqual(Array.from({ length: 200 }, (_, n) => n + 1));
      expect(await audit.verify()).toEqual({ intact: true, rows: 200 });
    });

    describe("pruning", () => {
      beforeEach(() => append(...Array.from({ length: 6 }, (_, n) => ({ subject: `${n}`, at: NOON + n }))));

      it("removes rows that are older, says so in a row of its own, and is still intact", async () => {
        expect(await audit.prune(NOON + 2, 100, NOON + 9)).toBe(2);
        expect(await subjects()).toEqual(["audit", "5", "4", "3", "2"]);
        expect((await page()).entries[0]).toMatchObject({
          ...{ act: "prune_audit", at: NOON + 9, sequence: 7, after: { through: 2 } },
          actor: { id: "system" },
        });
        expect(await audit.verify()).toEqual({ intact: true, rows: 5 });
      });

      it("writes nothing when there is nothing to remove", async () => {
        expect(await audit.prune(NOON, 100, NOON)).toBe(0);
        expect((await page()).total).toBe(6);
      });

      it("stops at the limit, having removed the oldest", async () => {
        expect(await audit.prune(NOON + 5, 4, NOON + 9)).toBe(4);
        expect(await audit.prune(NOON + 5, 4, NOON + 9)).toBe(1);
        expect(await subjects()).toEqual(["audit", "audit", "5"]);
        expect(await audit.verify()).toEqual({ intact: true, rows: 3 });
      });

      it("keeps what follows on a row that is kept, whatever its own instant", async () => {
        await append({ subject: "late", at: NOON - 1 });
        expect(await audit.prune(NOON + 1, 100, NOON + 9)).toBe(1);
        expect(await subjects()).toEqual(["audit", "late", "5", "4", "3", "2", "1"]);
      });

      it("can remove all, and goes on counting", async () => {
        expect(await audit.prune(NOON + 100, 100, NOON + 9)).toBe(6);
        await append({ subject: "next" });
        expect((await page()).entries.map(({ sequence }) => sequence)).toEqual([8, 7]);
        expect(await audit.verify()).toEqual({ intact: true, rows: 2 });
      });
    });

    describe("rows that somebody else has changed", () => {
      beforeEach(() => append(...Array.from({ length: 4 }, (_, n) => ({ subject: `${n}`, at: NOON + n }))));

      const changes: readonly Partial<AuditEntry>[] = [
        { at: NOON },
        { actor: { id: "another", name: "第一 🔑", role: "operator" } },
        { actor: { id: "0123456789ab", name: "第一 🔑", role: "viewer" } },
        { address: null },
        { requestId: "r-2" },
        { act: "delete_key" },
        { subject: "speech key 8" },
        { before: {} },
        { after: null },
        { failure: "key_not_found" },
      ];
      it.each(changes)("are noticed: %j", async (change) => {
        await opened.tamper?.(2, change);
        if (opened.tamper) expect(await audit.verify()).toEqual({ intact: false, at: 2, reason: "changed" });
      });

      it.each([1, 2, 4])("are missed when they are gone: %i", async (sequence) => {
        await opened.tamper?.(sequence, "take away");
        if (opened.tamper) {
          expect(await audit.verify()).toEqual({ intact: false, at: sequence, reason: "missing" });
        }
      });
    });
  });
}
