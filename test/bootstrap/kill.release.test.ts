import { expect, it } from "vitest";
import { type NativeSqlite, openNative } from "../../src/adapters/mikro-orm/sqlite/native-sqlite.ts";
import type { Answer, Api } from "../servers/api.ts";
import { rounds } from "../situations/long-run.ts";
import { scratchFolder, secretOf, serve, until } from "./servers.ts";

/** Of each database: every round checks what all before it have written. */
const ROUNDS = rounds(2, 20);
const DATABASES = Array.from({ length: rounds(1, 2) }, (_, n) => n + 1);
/** Some minutes on a busy machine; whatever takes longer is stuck. */
const MANY_KILLS = { timeout: 3_600_000 };
const WRITERS = 12;
const STORMED = 20;

/** What a key's writer knows of it; each key has one writer. */
interface Known {
  readonly secret: string;
  readonly tag: string;
  status: "enabled" | "cooldown" | "disabled";
  /** Null until it was read. */
  cooldownUntil: string | null;
  enables: number;
  disables: number;
  /** What was asked last and not answered, so that it may have happened or not. */
  pending: Act | undefined;
}

type Act = 200 | 401 | 429 | 500 | "add" | "enable" | "disable";

const ACTS: readonly Act[] = [
  200,
  429,
  500,
  "enable",
  429,
  429,
  "disable",
  200,
  "enable",
  401,
  429,
  "enable",
];

/** Everything that was answered since the first round. */
class Ledger {
  readonly keys = new Map<string, Known>();
  readonly notes: string[] = [];
  readonly restricted = new Set<string>();
  answers = 0;
}

const title = `I6: what was answered survives kill -9, ${ROUNDS} times over, in database %i`;

it.concurrent.for(DATABASES)(title, MANY_KILLS, async (number, { onTestFinished }) => {
  const file = `${scratchFolder(onTestFinished)}/keys.db`;
  const ledger = new Ledger();
  let { server, api } = await serve(file, {}, onTestFinished);
  for (let round = 1; round <= ROUNDS; round++) {
    await api.set("cooldown_seconds", 1000 + round);
    await api.set("protection_period_seconds", 0);
    await Promise.all(stormed(round).map((name) => api.add(secretOf(name), "westus", { tag: name })));
    const before = ledger.answers;
    const writers = Array.from({ length: WRITERS }, (_, n) => write(api, ledger, `${round}.${n}`));
    const storm = Array.from({ length: WRITERS }, (_, n) => reportStorm(api, ledger, round, n));
    const ended = Promise.allSettled([...writers, ...storm]);
    // Another point of the write-ahead log in each round.
    await until(
      async () => ledger.answers - before,
      (answers) => answers >= 400 + 18 * ((round * DATABASES.length + number) % 40),
    );
    // Every other time nothing can be committed towards the end: what is answered then would be lost.
    const lock = round % 2 ? lockOut(file) : undefined;
    for (let n = 0; lock && n < 20; n++) await api.get("/health");
    await server.kill();
    lock?.close();
    for (const error of await ended) {
      expect(error).toMatchObject({ status: "rejected", reason: expect.any(TypeError) });
    }
    expectWhole(file, ledger);
    ({ server, api } = await serve(file, {}, onTestFinished));
    await expectInForce(api, ledger, round);
  }
});

function lockOut(file: string): NativeSqlite {
  const other = openNative(file, {});
  other.exec("begin immediate");
  return other;
}

const stormed = (round: number) => Array.from({ length: STORMED }, (_, n) => `stormed-${round}-${n}`);

/** Adds keys and does one thing after the other to them; ends when the server no longer answers. */
async function write(api: Api, ledger: Ledger, name: string): Promise<never> {
  const expectAnswered = ({ status, body }: Answer) => {
    expect(status, body.error).toBeLessThan(300);
    ledger.answers++;
    return body.data;
  };
  for (let n = 0; ; n++) {
    const tag = `${name}.${n}`;
    const key: Known = {
      secret: secretOf(tag),
      tag,
      status: "enabled",
      cooldownUntil: null,
      enables: 0,
      disables: 0,
      pending: "add",
    };
    ledger.keys.set(tag, key);
    expectAnswered(await api.add(key.secret, "eastasia", { tag }));
    for (let step = 0; step < 2 + (n % ACTS.length); step++) {
      const act = ACTS[(step + n) % ACTS.length] as Act;
      key.pending = act;
      if (act === "enable" || act === "disable") {
        const { status, cooldown_until } = expectAnswered(await api.post(`/keys/${key.secret}/${act}`));
        if (act === "enable" && key.status !== "enabled") key.enables++;
        if (act === "disable") key.disables++;
        key.status = status;
        key.cooldownUntil = cooldown_until;
      } else {
        const note = `${tag} ${step}`;
        const { action } = expectAnswered(await api.report(key.secret, act, note));
        if (action !== "skip") ledger.notes.push(note);
        if (action === "disable") key.status = "disabled";
        if (action === "cooldown") {
          key.status = "cooldown";
          key.cooldownUntil = null;
          key.pending = undefined;
          const [listed] = expectAnswered(await api.get(`/keys?tag=${tag}`));
          key.cooldownUntil = listed.cooldown_until;
        }
      }
      key.pending = undefined;
    }
  }
}

/** Many report the same keys at once; after any answer the key rests or is disabled. */
async function reportStorm(api: Api, ledger: Ledger, round: number, mine: number): Promise<never> {
  for (let n = 0; ; n++) {
    const name = stormed(round)[Math.min(STORMED - 1, Math.floor(n / 5))] as string;
    const note = `storm ${name} ${mine} ${n}`;
    const { status, body } = await api.report(secretOf(name), mine === 3 && n % 5 === 4 ? 403 : 429, note);
    expect(status, body.error).toBe(200);
    ledger.restricted.add(name);
    if (body.data.action !== "skip") ledger.notes.push(note);
    ledger.answers++;
  }
}

function expectWhole(file: string, { keys, notes }: Ledger): void {
  const native = openNative(file, {});
  try {
    expect(native.pragma("integrity_check", { simple: true })).toBe("ok");
    const kept = new Set(
      native
        .prepare("select note from logs")
        .all([])
        .map(({ note }) => note),
    );
    expect(notes.filter((note) => !kept.has(note))).toEqual([]);
    expectActsLogged(native, keys);
  } finally {
    native.close();
  }
}

function expectActsLogged(native: NativeSqlite, keys: Ledger["keys"]): void {
  const rows = native
    .prepare(
      `select k.tag, l.action, count(*) as count from keys k join logs l on l.key_id = k.id group by 1, 2`,
    )
    .all([]);
  const counts = new Map(rows.map(({ tag, action, count }) => [`${tag} ${action}`, Number(count)]));
  for (const { tag, enables, disables, pending } of keys.values()) {
    if (pending !== "add") expect(counts.get(`${tag} add_key`), tag).toBe(1);
    const logged = (action: string) => counts.get(`${tag} ${action}`) ?? 0;
    expect(logged("enable_key") - enables, tag).toBeOneOf(pending === "enable" ? [0, 1] : [0]);
    // A code's disable is logged as one too.
    expect(logged("disable_key"), tag).toBeGreaterThanOrEqual(disables);
  }
}

async function expectInForce(api: Api, ledger: Ledger, round: number): Promise<void> {
  expect((await api.get("/config/cooldown_seconds")).body.data.config_value).toBe(String(1000 + round));
  const listed = new Map<string, { status: string; cooldown_until: string | null }>();
  for (const key of (await api.get("/keys")).body.data) listed.set(key.tag, key);
  for (const { tag, status, cooldownUntil, pending } of ledger.keys.values()) {
    const found = listed.get(tag);
    if (pending === undefined || pending === 200 || pending === 500) {
      expect(found, tag).toMatchObject({ status });
    }
    if (pending === undefined && status === "cooldown" && cooldownUntil !== null) {
      expect(found?.cooldown_until, tag).toBe(cooldownUntil);
    }
  }
  for (const name of ledger.restricted) expect(listed.get(name)?.status, name).not.toBe("enabled");
  await expectHandedOut(api, listed);
}

/** Each key is alone in its tag, so that the answer shows its state in the pool. */
async function expectHandedOut(
  api: Api,
  listed: ReadonlyMap<string, { readonly status: string; readonly cooldown_until: string | null }>,
): Promise<void> {
  for (const [tag, { status, cooldown_until }] of listed) {
    const region = tag.startsWith("stormed") ? "westus" : "eastasia";
    const answer = await api.get(`/keys/get?region=${region}&tag=${tag}`);
    expect(answer.status, tag).toBe({ enabled: 200, cooldown: 503, disabled: 404 }[status]);
    if (status === "cooldown") expect(answer.body.data.availableAt).toBe(cooldown_until);
  }
}
