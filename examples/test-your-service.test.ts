// A service that speaks with pooled keys, tested against the real rules: no server, no Azure, no waiting.
import { createKeyPool, type KeyPool } from "azure-key-pool";
import { createInMemoryPorts, ManualClock } from "azure-key-pool/in-memory";
import { afterEach, beforeEach, expect, it } from "vitest";

/** Yours. Asks Azure with one key after the other, until one is not throttled. */
class Speaker {
  readonly #pool: KeyPool;
  readonly #azure: (secret: string, text: string) => Promise<number>;

  constructor(pool: KeyPool, azure: (secret: string, text: string) => Promise<number>) {
    this.#pool = pool;
    this.#azure = azure;
  }

  async say(text: string): Promise<"said" | "try again later"> {
    for (;;) {
      const turn = await this.#pool.handOutKey.execute({ service: "speech", region: "eastasia" });
      if (turn.status !== "handed-out") return "try again later";
      const { secret } = turn.key;
      const code = await this.#azure(secret, text);
      await this.#pool.reportCode.execute({ service: "speech", secret, code });
      if (code === 200) return "said";
    }
  }
}

let clock: ManualClock;
let asked: string[];
let answers: Record<string, number>;
let speaker: Speaker;
let pool: KeyPool;

beforeEach(async () => {
  clock = new ManualClock();
  asked = [];
  answers = {};
  pool = createKeyPool(createInMemoryPorts(clock));
  await pool.start();
  for (const secret of ["made-up-key-one", "made-up-key-two"]) {
    await pool.addKey.execute({ service: "speech", secret, region: "eastasia" });
  }
  speaker = new Speaker(pool, async (secret) => {
    asked.push(secret);
    return answers[secret] ?? 200;
  });
});
afterEach(() => pool.stop());

it("goes on with the next key when one is throttled", async () => {
  answers = { "made-up-key-one": 429 };
  expect(await speaker.say("hello")).toBe("said");
  expect(asked).toEqual(["made-up-key-one", "made-up-key-two"]);
});

it("leaves throttled keys alone until they have rested", async () => {
  answers = { "made-up-key-one": 429, "made-up-key-two": 429 };
  expect(await speaker.say("hello")).toBe("try again later");
  answers = {};
  clock.advance(299_999);
  expect(await speaker.say("hello")).toBe("try again later");
  expect(asked).toHaveLength(2);
  clock.advance(1);
  expect(await speaker.say("hello")).toBe("said");
});

it("never asks with a dead key again", async () => {
  answers = { "made-up-key-one": 401 };
  for (let i = 0; i < 3; i++) await speaker.say("hello");
  expect(asked.filter((secret) => secret === "made-up-key-one")).toHaveLength(1);
});
