import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { type Database, openDatabase } from "../../../../src/adapters/mikro-orm/index.ts";
import { type Key, type KeyRepository, NEW_STANDING } from "../../../../src/domain/index.ts";
import { rounds } from "../../../situations/long-run.ts";
import { type Api, openApi, secretOf } from "../open-api.ts";
import { type RawCaller, rawCaller, requestText, until } from "../raw-caller.ts";

const KEYS = rounds(1_000, 4_000);
/** So many keys are read at a time. */
const PAGE = 50;
/** With it a list has 20 MB, several times what the system takes for a caller that reads nothing. */
const LONG_NAME = "n".repeat(20_000_000 / KEYS);

let folder: string;
let database: Database;
let api: Api;
/** Pages read so far and being read, scans begun and ended, and the most that were ever under way. */
let seen: Record<"pages" | "reading" | "mostReading" | "begun" | "ended" | "most", number>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "full-lists-"));
  // So many writes at once may take long on a busy machine.
  database = await openDatabase({ url: `sqlite:${folder}/keys.db`, writeTimeoutMs: 120_000 });
  await Promise.all(Array.from({ length: KEYS }, (_, n) => database.keys.add(draftOf(n + 1), null)));
});
afterAll(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

beforeEach(async () => {
  seen = { pages: 0, reading: 0, mostReading: 0, begun: 0, ended: 0, most: 0 };
  api = await openApi((ports) => ({
    ...ports,
    keys: watched(database.keys),
    log: database.log,
    settings: database.settings,
  }));
});
afterEach(() => api.close());

function draftOf(n: number): Omit<Key, "id"> {
  return {
    service: "speech",
    secret: secretOf(n),
    region: "eastasia",
    name: LONG_NAME,
    tag: null,
    maxInFlight: null,
    standing: n === 1 ? NEW_STANDING : { ...NEW_STANDING, cooldownUntil: Date.UTC(2030), protectedUntil: 0 },
    createdAt: 0,
    placement: 0,
  };
}

/** Notes every page that is scanned or listed, also of a list that ends when the next test has begun. */
function watched(keys: KeyRepository): KeyRepository {
  const own = seen;
  async function* scan(...asked: Parameters<KeyRepository["scan"]>) {
    own.begun += 1;
    own.most = Math.max(own.most, own.begun - own.ended);
    const reader = keys.scan(...asked)[Symbol.asyncIterator]();
    try {
      for (;;) {
        own.reading += 1;
        own.mostReading = Math.max(own.mostReading, own.reading);
        const { done, value: page } = await reader.next();
        own.reading -= 1;
        if (done) return;
        own.pages += 1;
        yield page;
      }
    } finally {
      await reader.return?.(undefined);
      own.ended += 1;
    }
  }
  const list: KeyRepository["list"] = (...asked) => {
    own.pages += 1;
    return keys.list(...asked);
  };
  return new Proxy(keys, {
    get: (target, name: keyof KeyRepository) => ({ scan, list })[name as string] ?? target[name].bind(target),
  });
}

/** Asks for lists and reads nothing of the answers. */
async function askAndStare(count: number, path: string): Promise<readonly RawCaller[]> {
  const callers = Array.from({ length: count }, () => rawCaller(api.url));
  for (const { socket } of callers) {
    socket.pause();
    socket.write(requestText("GET", path));
  }
  await until(() => seen.begun === 2);
  return callers;
}

it("lists that nobody reads keep two places, hold no page but theirs, and stop no hand-out", async () => {
  const callers = await askAndStare(20, "/api/keys");
  for (let time = 0; time < 50; time++) expect((await api.get("/keys/get")).status).toBe(200);
  expect(seen).toMatchObject({ begun: 2, ended: 0 });
  expect(seen.pages).toBeLessThan((2 * KEYS) / PAGE);
  for (const { socket } of callers) socket.destroy();
});

it("a caller that hangs up ends its list, or leaves the line", async () => {
  const callers = await askAndStare(20, "/api/keys");
  // Those in line first, so that they are gone when a place becomes free.
  for (const { socket } of callers.toReversed()) socket.resetAndDestroy();
  await until(() => seen.ended === seen.begun);
  const { pages, begun } = seen;
  // Fewer than one list has.
  expect(pages).toBeLessThan(KEYS / PAGE);
  // Those in line may have come to their turn between two that were hung up.
  expect(begun).toBeLessThan(20);
  expect((await api.get("/keys/stats")).json.data.cooldownKeys).toHaveLength(KEYS - 1);
  expect(api.lines().filter(({ level }) => level >= 40)).toEqual([]);
});

it("the place of a list that was given up stays taken for a while", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  try {
    for (const { socket } of await askAndStare(2, "/api/keys")) socket.resetAndDestroy();
    await until(() => seen.ended === 2);
    const next = rawCaller(api.url);
    next.socket.write(requestText("GET", "/api/keys"));
    const other = rawCaller(api.url);
    other.socket.write(requestText("GET", "/api/keys/get"));
    await until(() => other.statuses().length === 1);
    expect(seen.begun).toBe(2);
    vi.advanceTimersByTime(1000);
    await until(() => seen.begun === 3);
    for (const { socket } of [next, other]) socket.destroy();
  } finally {
    vi.useRealTimers();
  }
});

it("an export ends when its caller hangs up", async () => {
  const { text } = (await api.pool.access?.create({ name: "root", role: "admin" })) ?? { text: "" };
  const caller = rawCaller(api.url);
  caller.socket.pause();
  const head = `Host: localhost\r\nX-API-Key: ${text}`;
  caller.socket.write(`GET /api/keys/export HTTP/1.1\r\n${head}\r\n\r\n`);
  await until(() => seen.begun === 1);
  caller.socket.resetAndDestroy();
  await until(() => seen.ended === 1);
  expect(seen.pages).toBeLessThan(KEYS / PAGE / 2);
});

it("lists that are read come one after the other, two at a time, a page of one of them at a time, each whole", async () => {
  const paths = ["/keys", "/keys/stats", "/keys", "/translation/keys"];
  const answers = await Promise.all(paths.map((path) => api.get(path)));
  const counts = answers.map(({ json: { data } }) => (data.cooldownKeys ?? data).length);
  expect(counts).toEqual([KEYS, KEYS - 1, KEYS, 0]);
  expect(seen).toMatchObject({ most: 2, mostReading: 1, begun: 4, ended: 4 });
  const { data } = answers[0]?.json ?? {};
  expect(data.map(({ id }: { readonly id: number }) => id)).toEqual(
    Array.from({ length: KEYS }, (_, n) => n + 1),
  );
});

it("a page of a list waits for no whole list", async () => {
  const callers = await askAndStare(4, "/api/keys");
  expect((await api.get("/keys?page=2&limit=10")).json.data.keys).toHaveLength(10);
  for (const { socket } of callers) socket.destroy();
});

it("pages of lists stop no hand-out, however many are asked for at once", async () => {
  const callers = Array.from({ length: 10 }, () => rawCaller(api.url));
  for (const { socket } of callers)
    socket.write(requestText("GET", `/api/keys?limit=${KEYS / 4}`).repeat(30));
  await until(() => seen.pages > 0);
  expect((await api.get("/keys/get")).status).toBe(200);
  expect(seen.pages).toBeLessThan(100);
  for (const { socket } of callers) socket.resetAndDestroy();
  await Promise.all(callers.map(({ closed }) => closed));
});
