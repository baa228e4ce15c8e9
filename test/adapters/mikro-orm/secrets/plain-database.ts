import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { type Database, openDatabase } from "../../../../src/adapters/mikro-orm/open-database.ts";
import { keyDraft, logDraft, NOON } from "../../../../src/testing/storage.ts";
import { rounds } from "../../../situations/long-run.ts";
import { testSealing } from "../../../situations/sealing.ts";

/** In a long run more than one batch of each. */
export const KEYS = rounds(400, 10_100);
export const LOGS = rounds(250, 5100);

/** A secret as Azure makes them. */
export const secretOf = (n: number): string => createHash("md5").update(`made up ${n}`).digest("hex");

export const ALL_SECRETS: readonly string[] = Array.from({ length: KEYS }, (_, n) => secretOf(n));

/** What the texts of a filled database are once they are clean. */
export const CLEAN = {
  name: `was ${secretOf(1).slice(0, 4)}***`,
  tag: `${secretOf(2).toUpperCase().slice(0, 4)}***`,
  setting: `default ${secretOf(3).slice(0, 4)}***`,
  note: `used ${secretOf(4).toUpperCase().slice(0, 4)}***x twice`,
};

/** In their order, and so few at a time that none waits too long for its commit. */
async function inParts(count: number, act: (n: number) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < count; from += 200) {
    const length = Math.min(200, count - from);
    await Promise.all(Array.from({ length }, (_, n) => act(from + n)));
  }
}

/** Plain secrets, some of them in texts by mistake; deleted ones too. */
export async function fillPlain(url: string): Promise<void> {
  // Far more than a write takes on a busy machine.
  const database = await openDatabase({ url, writeTimeoutMs: 120_000 });
  const { keys, log, settings } = database;
  const add = (secret: string, n: number) => {
    const name = n === 1 ? `was ${secretOf(1)}` : `key ${n}`;
    const tag = n === 2 ? secretOf(2).toUpperCase() : null;
    return keys.add(keyDraft({ secret, name, tag }), null);
  };
  await inParts(KEYS, (n) => add(ALL_SECRETS[n] as string, n));
  // It is in no table any more, but perhaps in the file.
  const { id } = await keys.add(keyDraft({ secret: secretOf(KEYS) }), null);
  await keys.remove(id, null);
  await inParts(LOGS, (n) => {
    const note = n === LOGS - 1 ? `used ${secretOf(4).toUpperCase()}x twice` : `call ${n}`;
    return log.append(logDraft({ note, at: NOON + n }));
  });
  const setting = { value: "eastasia", description: `default ${secretOf(3)}` };
  await settings.apply([{ name: "team.note", ...setting, at: NOON }], null);
  await database.close();
}

/** Opens it sealed: every key is there, with its secret, and the texts are clean. */
export async function expectSealed(url: string, check = async (_: Database) => {}): Promise<void> {
  const database = await openDatabase({ url, sealing: testSealing() });
  try {
    const secrets: string[] = [];
    for await (const keys of database.keys.load()) secrets.push(...keys.map(({ secret }) => secret));
    expect(secrets).toEqual(ALL_SECRETS);
    expect(await database.keys.get(2)).toMatchObject({ name: CLEAN.name });
    expect(await database.keys.get(3)).toMatchObject({ tag: CLEAN.tag, placement: 1 });
    expect((await database.settings.all())[0]).toMatchObject({ description: CLEAN.setting });
    const logs = await database.log.list({ services: ["speech", null], offset: 0, limit: 2 });
    expect(logs.total).toBe(LOGS);
    expect(logs.entries.map(({ note }) => note)).toEqual([CLEAN.note, `call ${LOGS - 2}`]);
    await check(database);
  } finally {
    await database.close();
  }
}

/** No file of the folder holds a secret, in whatever letter case or width of characters. */
export function expectNoSecretIn(folder: string): void {
  for (const name of readdirSync(folder)) {
    const text = readFileSync(join(folder, name), "latin1").toLowerCase();
    expectNoSecret(name, [text, text.replaceAll("\0", "")]);
  }
}

const SECRETS = new Set([...ALL_SECRETS, secretOf(KEYS)]);

/** The texts, in small letters, hold none. */
export function expectNoSecret(name: string, texts: readonly string[]): void {
  const found = texts.flatMap((each) =>
    Array.from(each.matchAll(/(?=([0-9a-f]{32}))/g), ([, word]) => word as string),
  );
  expect({ name, found: found.filter((word) => SECRETS.has(word)) }).toEqual({ name, found: [] });
}
