import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AccessToken, TokenRepository } from "../domain/index.ts";
import { NOON } from "./storage.ts";

export interface OpenTokens {
  readonly tokens: TokenRepository;
  /**
   * Stores a row with other content than its code was made for, as who can only write the storage would. Absent where
   * nobody can.
   */
  readonly forge?: (id: string, changes: Partial<AccessToken>) => Promise<void>;
  close(): Promise<void>;
}

export const HOUR_MS = 3_600_000;

export function accessToken(changes: Partial<AccessToken> = {}): AccessToken {
  return {
    id: "0123456789ab",
    name: "dashboard 🔑",
    role: "viewer",
    scope: { services: ["speech"], regions: ["eastasia", "westus"], tags: ["gold", "'\"\\"] },
    createdAt: NOON,
    expiresAt: NOON + 90 * 24 * HOUR_MS,
    lastUsedAt: null,
    hash: "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0",
    ...changes,
  };
}

/** The rules of the `TokenRepository` port, the same for every adapter. */
export function describeTokenRepository(name: string, open: () => Promise<OpenTokens>): void {
  describe(`${name} as a TokenRepository`, () => {
    let opened: OpenTokens;
    let tokens: TokenRepository;

    beforeEach(async () => {
      opened = await open();
      tokens = opened.tokens;
    });
    afterEach(() => opened.close());

    it("starts empty", async () => {
      expect(await tokens.all()).toEqual({ tokens: [], forged: [] });
    });

    it("returns every field as it was written, by creation, then by id", async () => {
      const [a, b, c] = [
        accessToken({ id: "b", hash: "1" }),
        accessToken({ id: "a", hash: "2", scope: {}, role: "admin" }),
        accessToken({ id: "0", hash: "3", createdAt: NOON + 1, lastUsedAt: NOON }),
      ];
      for (const token of [c, a, b]) await tokens.add(token);
      expect(await tokens.all()).toEqual({ tokens: [b, a, c], forged: [] });
    });

    it("refuses an id that is there", async () => {
      await tokens.add(accessToken());
      await expect(tokens.add(accessToken({ hash: "other" }))).rejects.toThrow();
      expect((await tokens.all()).tokens).toEqual([accessToken()]);
    });

    it("removes, and says whether it was there", async () => {
      await tokens.add(accessToken());
      expect(await tokens.remove("no such id")).toBe(false);
      expect(await tokens.remove(accessToken().id)).toBe(true);
      expect(await tokens.remove(accessToken().id)).toBe(false);
      expect((await tokens.all()).tokens).toEqual([]);
    });

    it("notes when a token was used, never moves it back, and passes over what is gone", async () => {
      await tokens.add(accessToken());
      await tokens.add(accessToken({ id: "other", hash: "other", createdAt: NOON + 1 }));
      await tokens.touch([
        { id: "0123456789ab", lastUsedAt: NOON + HOUR_MS },
        { id: "gone", lastUsedAt: NOON },
      ]);
      await tokens.touch([{ id: "0123456789ab", lastUsedAt: NOON }]);
      await tokens.touch([]);
      const { tokens: all, forged } = await tokens.all();
      expect(all.map(({ lastUsedAt }) => lastUsedAt)).toEqual([NOON + HOUR_MS, null]);
      expect(forged).toEqual([]);
    });

    const changed: readonly Partial<AccessToken>[] = [
      { id: "another" },
      { name: "x" },
      { role: "admin" },
      { scope: {} },
      { createdAt: NOON + 1 },
      { expiresAt: NOON * 2 },
      { hash: "the hash of another text" },
    ];
    it.each(changed)("believes no row that says %j and was not written so", async (changes) => {
      if (!opened.forge) return;
      await tokens.add(accessToken());
      await opened.forge(accessToken().id, changes);
      const id = changes.id ?? accessToken().id;
      expect(await tokens.all()).toEqual({ tokens: [], forged: [id] });
      expect(await tokens.remove(id)).toBe(true);
      expect(await tokens.all()).toEqual({ tokens: [], forged: [] });
    });
  });
}
