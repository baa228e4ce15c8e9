import { expect, it } from "vitest";
import type { KeyLease } from "../../../src/application/index.ts";
import { WaitingCallers } from "../../../src/application/leases/waiting-callers.ts";
import { HandScheduler } from "../../adapters/webhook/hand-scheduler.ts";

const PLACE = { service: "speech", region: "eastasia" } as const;
const LINE = { place: PLACE, line: "[null]" };
const BUSY = { status: "all-busy", until: 700, at: 0 } as const;
const LEASED = { status: "leased" } as Extract<KeyLease, { status: "leased" }>;

/** A pool with so much room at a time. */
function opened() {
  const waiting = new WaitingCallers(new HandScheduler());
  const pool = { room: 0, asked: 0, returned: 0 };
  const attempt = {
    ask: async (): Promise<KeyLease> => {
      pool.asked++;
      if (pool.room === 0) return BUSY;
      pool.room--;
      return LEASED;
    },
    giveBack: () => void pool.returned++,
  };
  const wait = (signal?: AbortSignal) => waiting.wait(LINE, attempt, BUSY, 30_000, signal);
  const give = async () => {
    pool.room++;
    waiting.room(PLACE);
    await new Promise(setImmediate);
  };
  return { waiting, pool, wait, give };
}

it("asks twice at most for each return, however many wait, and answers in turn", async () => {
  const { waiting, pool, wait, give } = opened();
  const order: number[] = [];
  const callers = Array.from({ length: 1000 }, (_, n) => wait().then(() => order.push(n)));
  expect(waiting.count).toBe(1000);
  for (let n = 0; n < 1000; n++) await give();
  await Promise.all(callers);
  expect(order).toEqual(callers.map((_, n) => n));
  expect(pool.asked).toBeLessThanOrEqual(2000);
  expect(waiting.count).toBe(0);
});

it("lets who hangs up leave the line, also while the answer is on its way, and gives that back", async () => {
  const { waiting, pool, wait } = opened();
  const gone = new AbortController();
  const [first, second] = [wait(gone.signal), wait()];
  pool.room = 1;
  waiting.room(PLACE);
  gone.abort(new Error("hung up"));
  await expect(first).rejects.toThrow("hung up");
  await new Promise(setImmediate);
  expect([pool.returned, waiting.count]).toEqual([1, 1]);
  pool.room = 1;
  waiting.room(PLACE);
  expect(await second).toBe(LEASED);
});

it("ends all waiting at a stop, and lets nobody wait any more", async () => {
  const { waiting, wait } = opened();
  const callers = [wait(), wait()];
  waiting.stop();
  expect(await Promise.all([...callers, wait()])).toEqual([BUSY, BUSY, BUSY]);
  expect(waiting.count).toBe(0);
});
