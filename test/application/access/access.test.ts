import { beforeEach, describe, expect, it } from "vitest";
import {
  createInMemoryPorts,
  InMemoryDatabase,
  InMemoryNews,
  InMemoryTokenRepository,
  ManualClock,
} from "../../../src/adapters/in-memory/index.ts";
import { NodeTokenCrypto } from "../../../src/adapters/node-crypto/index.ts";
import { Access, type Caller } from "../../../src/application/access/access.ts";
import { createKeyPool, type KeyPoolOptions } from "../../../src/application/index.ts";
import type { Ports } from "../../../src/application/key-pool.ts";
import type { TokenRepository } from "../../../src/domain/index.ts";
import { breakable } from "../../../src/testing/breakable.ts";
import { JOBS_BY_HAND } from "../../../src/testing/pool.ts";
import { until } from "../../../src/testing/until.ts";
import { HandScheduler } from "../../adapters/webhook/hand-scheduler.ts";
import { openTwoPools } from "../../situations/two-pools.ts";

const HOUR_MS = 3_600_000;
const ADMIN_TOKEN = "an admin's token of the environment";
const crypto = new NodeTokenCrypto();

let clock: ManualClock;
let database: InMemoryDatabase;
beforeEach(() => {
  clock = new ManualClock();
  database = new InMemoryDatabase();
});

const opened = (
  adminToken?: string,
  tokens: TokenRepository = new InMemoryTokenRepository(database),
): Access => new Access({ clock, crypto, tokens, adminToken, onChange: () => {} });
const stored = async () => (await new InMemoryTokenRepository(database).all()).tokens;

describe("the door", () => {
  it("is open while there is no token and none in the environment, and closed by the first", async () => {
    const access = opened();
    expect(access.isOpen).toBe(true);
    const { id } = await access.create({ name: "first", role: "client" });
    expect(access.isOpen).toBe(false);
    await access.revoke(id);
    expect(access.isOpen).toBe(true);
    expect(opened(ADMIN_TOKEN).isOpen).toBe(false);
  });

  it("stays closed when the last token has expired", async () => {
    const access = opened();
    await access.create({ name: "short", role: "admin", expiresAt: clock.now() + 1 });
    clock.advance(HOUR_MS);
    expect(access.isOpen).toBe(false);
  });

  it("is not opened by a row that somebody else has written", async () => {
    const tokens = Object.assign(new InMemoryTokenRepository(), {
      all: async () => ({ tokens: [], forged: ["evil"] }),
    });
    const access = opened(undefined, tokens);
    await access.load();
    expect([access.isOpen, access.forged]).toEqual([false, ["evil"]]);
  });
});

describe("a token", () => {
  it("names its holder, and is stored as a hash only", async () => {
    const access = opened();
    const { text, ...shown } = await access.create({
      name: "ci",
      role: "viewer",
      scope: { regions: ["westus"] },
    });
    expect(access.identify(text)).toMatchObject({
      id: shown.id,
      role: "viewer",
      scope: { regions: ["westus"] },
    });
    expect(JSON.stringify(await stored())).not.toContain(text.slice(17, 60));
    expect((await stored())[0]?.hash).toBe(crypto.hash(text));
    expect(await access.list()).toEqual([{ ...shown, lastUsedAt: clock.now() - (clock.now() % HOUR_MS) }]);
  });

  it("is refused from its last millisecond on", async () => {
    const access = opened();
    const { id, text } = await access.create({ name: "n", role: "client", expiresAt: clock.now() + 1000 });
    clock.advance(999);
    expect(access.identify(text)).toMatchObject({ id, role: "client" });
    clock.advance(1);
    expect(access.identify(text)).toEqual({ reason: "expired", id });
  });

  it("lets its holder stay in until it has expired or is revoked", async () => {
    const access = opened(ADMIN_TOKEN);
    const found = async (expiresAt?: number) => {
      const { id, text } = await access.create({
        name: "n",
        role: "client",
        ...(expiresAt && { expiresAt }),
      });
      const caller = access.identify(text);
      if ("reason" in caller) throw new Error("It has just been made");
      expect(access.isStillIn(caller)).toBe(true);
      return { id, caller };
    };
    const short = await found(clock.now() + 1000);
    const { id, caller } = await found();
    const another = await found();
    clock.advance(999);
    expect(access.isStillIn(short.caller)).toBe(true);
    clock.advance(1);
    expect(access.isStillIn(short.caller)).toBe(false);
    await access.revoke(id);
    expect(access.isStillIn(caller)).toBe(false);
    expect(access.isStillIn(another.caller)).toBe(true);
    // Whose token is never kept is looked at each time.
    expect(access.isStillIn(access.identify(ADMIN_TOKEN) as Caller)).toBe(false);
  });

  it("has its use noted while its holder stays in", async () => {
    const access = opened();
    const { text } = await access.create({ name: "n", role: "client" });
    const caller = access.identify(text) as Caller;
    clock.advance(HOUR_MS);
    access.isStillIn(caller);
    await access.writeUses();
    expect((await stored())[0]?.lastUsedAt).toBe(clock.now() - (clock.now() % HOUR_MS));
  });

  it("is refused as soon as it is revoked, and only once to be revoked", async () => {
    const access = opened();
    const { id, text } = await access.create({ name: "n", role: "client" });
    await access.revoke(id);
    expect(access.identify(text)).toEqual({ reason: "unknown", id });
    await expect(access.revoke(id)).rejects.toMatchObject({ code: "token_not_found" });
  });

  it("that is sent in place of an id does not get as far as the storage", async () => {
    const tokens = new InMemoryTokenRepository(database);
    const asked: string[] = [];
    const remove = (id: string) => {
      asked.push(id);
      return new InMemoryTokenRepository(database).remove(id);
    };
    const access = opened(undefined, Object.assign(tokens, { remove }));
    const { id, text } = await access.create({ name: "n", role: "client" });
    await expect(access.revoke(text)).rejects.toMatchObject({ code: "token_not_found" });
    await access.revoke(id);
    expect(asked).toEqual([id]);
  });

  it("is known as one also when it lets nobody in", async () => {
    const access = opened(ADMIN_TOKEN);
    const { text } = await access.create({ name: "n", role: "admin", expiresAt: clock.now() + 1 });
    clock.advance(1);
    expect([text, ADMIN_TOKEN, `${text}x`, "a word"].map((word) => access.isToken(word))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it("with a typo is told from one that is not known", async () => {
    const access = opened();
    const { text } = await access.create({ name: "n", role: "client" });
    const { id, text: unknown } = await opened(undefined, new InMemoryTokenRepository()).create({
      name: "other",
      role: "admin",
    });
    expect(access.identify(`${text.slice(0, -1)}${text.endsWith("A") ? "B" : "A"}`)).toEqual({
      reason: "malformed",
    });
    expect(access.identify(unknown)).toEqual({ reason: "unknown", id });
  });

  it("that could not be stored does not exist", async () => {
    const tokens = breakable<TokenRepository>(new InMemoryTokenRepository());
    const access = opened(undefined, tokens.port);
    tokens.break("add");
    await expect(access.create({ name: "n", role: "admin" })).rejects.toMatchObject({
      code: "storage_unavailable",
    });
    expect(access.isOpen).toBe(true);
  });

  it("made while the tokens are being read is not lost by the reading", async () => {
    const tokens = breakable<TokenRepository>(new InMemoryTokenRepository(database));
    const access = opened(undefined, tokens.port);
    tokens.hold("all");
    const reading = access.load();
    const making = access.create({ name: "n", role: "client" });
    tokens.release();
    const [{ id, text }] = await Promise.all([making, reading]);
    expect(access.identify(text)).toMatchObject({ id });
  });

  it("has its use written to the hour, once an hour", async () => {
    const access = opened();
    const { text } = await access.create({ name: "n", role: "client" });
    const usedAt = async () => (await stored())[0]?.lastUsedAt;
    expect(await access.writeUses()).toBe(0);
    clock.advance(HOUR_MS / 4);
    access.identify(text);
    access.identify(text);
    expect([await access.writeUses(), await usedAt()]).toEqual([1, clock.now() - (clock.now() % HOUR_MS)]);
    clock.advance(1);
    access.identify(text);
    expect(await access.writeUses()).toBe(0);
    clock.advance(HOUR_MS);
    access.identify(text);
    await access.load();
    expect([await access.writeUses(), await usedAt()]).toEqual([1, clock.now() - (clock.now() % HOUR_MS)]);
  });

  it("has its use written later when the storage is away", async () => {
    const tokens = breakable<TokenRepository>(new InMemoryTokenRepository(database));
    const access = opened(undefined, tokens.port);
    access.identify((await access.create({ name: "n", role: "client" })).text);
    tokens.break("touch");
    await expect(access.writeUses()).rejects.toMatchObject({ code: "storage_unavailable" });
    tokens.mend();
    expect(await access.writeUses()).toBe(1);
  });
});

describe("the token of the environment", () => {
  it("is an admin's while no admin's token is in force", async () => {
    const access = opened(ADMIN_TOKEN);
    const asAdmin = () => access.identify(ADMIN_TOKEN);
    expect(asAdmin()).toMatchObject({ id: "env", role: "admin", scope: {} });
    await access.create({ name: "c", role: "operator" });
    await access.create({ name: "partly", role: "admin", scope: { regions: ["westus"] } });
    expect(asAdmin()).toMatchObject({ id: "env" });
    await access.create({ name: "a", role: "admin", expiresAt: clock.now() + 1000 });
    expect(asAdmin()).toEqual({ reason: "malformed" });
    clock.advance(1000);
    expect(asAdmin()).toMatchObject({ id: "env" });
    expect(access.identify(`${ADMIN_TOKEN}!`)).toEqual({ reason: "malformed" });
  });
});

describe("a pool", () => {
  const open = async (options: KeyPoolOptions = {}, more: Partial<Ports> = {}) => {
    const access = { tokens: new InMemoryTokenRepository(database), crypto };
    const pool = createKeyPool(
      { ...createInMemoryPorts(clock, database), access, scheduler: JOBS_BY_HAND, ...more },
      options,
    );
    await pool.start();
    return { ...pool, access: pool.access as Access };
  };

  it("knows its tokens again after a restart, and when they were last used", async () => {
    const first = await open();
    const { id, text } = await first.access.create({ name: "n", role: "viewer" });
    first.access.identify(text);
    await first.stop();
    const second = await open();
    expect(second.access.isOpen).toBe(false);
    expect(second.access.identify(text)).toMatchObject({ id });
    expect((await stored())[0]?.lastUsedAt).not.toBeNull();
  });

  it.each([
    ["with the news", true, "follow the news"],
    ["without, when it reads them again", false, "read the tokens again"],
  ])("learns what another instance made and revoked: %s", async (_, news, job) => {
    const { a, b } = await openTwoPools({ news });
    const [here, there] = [a.pool.access as Access, b.pool.access as Access];
    const { id, text } = await here.create({ name: "n", role: "admin" });
    await b.pool.jobs.run(job);
    expect(there.identify(text)).toMatchObject({ id });
    await here.revoke(id);
    await b.pool.jobs.run(job);
    expect(there.identify(text)).toEqual({ reason: "unknown", id });
    expect(there.isOpen).toBe(true);
  });

  it("reads its tokens again twice in a reconcile interval, which needs no other job", async () => {
    const scheduler = new HandScheduler();
    const { access } = await open({ reconcileMs: 30_000 }, { scheduler, news: new InMemoryNews() });
    const { id, text } = await access.create({ name: "n", role: "viewer" });
    await new InMemoryTokenRepository(database).remove(id);
    expect(access.identify(text)).toMatchObject({ id });
    await scheduler.pass(15_000);
    await until(() => "reason" in access.identify(text));
  });
});
