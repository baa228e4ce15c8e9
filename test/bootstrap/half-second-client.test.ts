import { afterAll, describe, expect, it } from "vitest";
import type { Answer, Api } from "../servers/api.ts";
import { CLOCKS_APART_MS, scratchFolder, secretOf, serveHere, until } from "./servers.ts";

const COOLDOWN_MS = 300;

/** Asks for a key. A refusal must be right: no key could be used when it was asked for. */
async function handOut(api: Api, region?: string): Promise<Answer> {
  const askedAt = Date.now();
  const answer = await api.handOut(region);
  if (answer.status !== 200) {
    expect(answer.body.code).toBe("all_keys_cooling");
    expect(Date.parse(answer.body.data.availableAt)).toBeGreaterThan(askedAt - CLOCKS_APART_MS);
  }
  return answer;
}

/**
 * A program that keeps one current key, asks for another now and then, and uses the current one in many
 * concurrent calls. It reports errors only; a key that works is never reported.
 */
class Client {
  readonly #api: Api;
  readonly #azure: Azure;
  #current: string | undefined;
  #polled = Promise.withResolvers<void>();

  constructor(api: Api, azure: Azure) {
    this.#api = api;
    this.#azure = azure;
  }

  async poll(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const known = this.#azure.restsNow();
      const { status, body } = await handOut(this.#api);
      if (status === 200) {
        this.#current = body.data.key;
        this.#azure.expectRested(body.data.key, known);
      }
      this.#polled.resolve();
      this.#polled = Promise.withResolvers();
    }
    this.#polled.resolve();
  }

  async use(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      await this.#polled.promise;
      const key = this.#current;
      if (key === undefined || this.#azure.accepts(key)) continue;
      const sentAt = Date.now();
      const { status, body } = await this.#api.report(key, 429);
      expect(status).toBe(200);
      expect(body.data.action).toBeOneOf(["cooldown", "skip"]);
      if (body.data.action === "cooldown") this.#azure.rest(key, sentAt + COOLDOWN_MS);
    }
  }
}

/** Takes a few calls with each key, then throttles it until it has had its rest. */
class Azure {
  readonly #quota: number;
  readonly #calls = new Map<string, number>();
  readonly #restUntil = new Map<string, number>();
  readonly rests = new Map<string, number>();

  constructor(quota: number) {
    this.#quota = quota;
  }

  accepts(key: string): boolean {
    const calls = (this.#calls.get(key) ?? 0) + 1;
    this.#calls.set(key, calls);
    return calls <= this.#quota;
  }

  rest(key: string, until: number): void {
    this.#restUntil.set(key, until);
    this.rests.set(key, (this.rests.get(key) ?? 0) + 1);
  }

  /** Which keys are known to rest, and until when at least. */
  restsNow(): ReadonlyMap<string, number> {
    return new Map(this.#restUntil);
  }

  /** `known` is from before the hand-out was asked for. */
  expectRested(key: string, known: ReadonlyMap<string, number>): void {
    const rested = known.get(key);
    if (rested === undefined) return;
    expect(Date.now()).toBeGreaterThanOrEqual(rested - CLOCKS_APART_MS);
    if (this.#restUntil.get(key) !== rested) return;
    this.#restUntil.delete(key);
    this.#calls.set(key, 0);
  }
}

const { api } = await serveHere({ DATABASE_URL: `sqlite:${scratchFolder(afterAll)}/keys.db` }, afterAll);

describe("programs that poll for a key and report only errors", () => {
  it("never starve the pool: throttled keys come back by themselves", async () => {
    await api.set("cooldown_seconds", COOLDOWN_MS / 1000);
    await api.set("protection_period_seconds", 0);
    const secrets = Array.from({ length: 4 }, (_, n) => secretOf(n));
    await Promise.all(secrets.map((secret) => api.add(secret)));
    const azure = new Azure(20);
    const isOver = () => secrets.every((secret) => (azure.rests.get(secret) ?? 0) >= 3);
    const clients = Array.from({ length: 3 }, () => new Client(api, azure));
    const running = clients.flatMap((client) => [
      client.poll(isOver),
      ...Array.from({ length: 5 }, () => client.use(isOver)),
    ]);
    await Promise.all(running);
    const counts = (await api.get("/keys/stats")).body.data.cooldown;
    expect(counts).toMatchObject({ totalKeys: 4, disabledKeys: 0 });
    const { status } = await until(
      () => api.handOut(),
      ({ status }) => status === 200,
    );
    expect(status).toBe(200);
  });

  it("I3: a key is handed out again at its deadline, never before, and to the first who asks after it", async () => {
    await api.set("cooldown_seconds", COOLDOWN_MS / 1000);
    await api.set("protection_period_seconds", 0);
    await api.add(secretOf("alone"), "alone");
    for (let round = 0; round < 5; round++) {
      expect((await api.report(secretOf("alone"), 429)).body.data.action).toBe("cooldown");
      const resting = await handOut(api, "alone");
      // A pause of the whole machine may have eaten the cooldown.
      if (resting.status === 200) continue;
      await until(
        () => handOut(api, "alone"),
        ({ status }) => status === 200,
      );
      const late = Date.now() - Date.parse(resting.body.data.availableAt);
      expect(late).toBeGreaterThanOrEqual(-CLOCKS_APART_MS);
    }
  });
});
