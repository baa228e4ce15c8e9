import type { Socket } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { FeedEvent } from "../../../../src/domain/index.ts";
import { until } from "../../../../src/testing/until.ts";
import { isLongRun, rounds } from "../../../situations/long-run.ts";
import { type Api, openApi, secretOf } from "../open-api.ts";
import { rawCaller, requestText } from "../raw-caller.ts";
import { type EventCaller, watchEvents } from "./event-caller.ts";

const LISTENERS = rounds(2, 500);
/** Reports in a second, in the long run; in the short one the feed is told of them, as fast as this machine is. */
const RATE = 2_000;
const PORTION = 100;
/** What is kept for who is behind. */
const MOST_KEPT = 10_000;
/** Far more than one portion of events, and far less than all that a slow listener leaves unread. */
const MOST_UNSENT = 1_000_000;

/** Names of keys in a short run: a long one, which fills buffers with few events, and a short one. */
const [WIDE, NARROW] = ["名".repeat(500), "名"];

let api: Api;
let callers: EventCaller[];
/** The ids of all events, as who listens in the process gets them. */
let all: string[];

beforeEach(async () => {
  callers = [];
  all = [];
  // The slow one does not read for longer than others may.
  api = await openApi(undefined, [], { listen: { unreadWithinMs: 3_600_000 } });
  for (let n = 1; n <= 4; n++) {
    await api.post("/keys", { key: secretOf(n), region: "eastasia", keyname: "名".repeat(100) });
  }
  const filter = { kinds: ["report", "setting"] } as const;
  await api.pool.events?.subscribe((notice) => {
    if (notice.kind === "events") all.push(...notice.entries.map(({ id }) => id));
  }, filter);
});
afterEach(async () => {
  for (const caller of callers) caller.hangUp();
  await api.close();
});

/** An event as a report makes it. */
function reported(keyId: number, keyName: string): FeedEvent {
  const key = { keyId, keyName, service: "speech", region: "eastasia", tag: null } as const;
  const outcome = { code: 200, action: "keep_enabled", reason: null, statusChanged: false } as const;
  return { kind: "report", at: api.clock.now(), ...key, ...outcome };
}

/** A listener that compares what comes with what there is, for all of it would be too much to keep. */
async function listen() {
  const state = { taken: 0, wrong: 0, resets: [] as number[], last: "" };
  const caller = await watchEvents(api.url, "?kinds=report,setting", {}, ({ event, id }) => {
    state.last = event;
    if (event === "reset") {
      state.resets.push(state.taken);
      // From here on the next one may be any.
      state.taken = -1;
      return;
    }
    if (state.taken < 0) state.taken = all.indexOf(id as string);
    if (all[state.taken] !== id) state.wrong += 1;
    state.taken += 1;
  });
  callers.push(caller);
  return { state, caller };
}

it(`${LISTENERS} listeners: none misses or reorders an event, and a slow one is told to start over`, async () => {
  const sockets: Socket[] = [];
  api.server.server.on("connection", (socket) => sockets.push(socket));
  const slow = await listen();
  slow.caller.pause();
  const [slowSocket] = sockets;
  const others = await Promise.all(Array.from({ length: LISTENERS }, listen));
  const reporter = rawCaller(api.url);
  let sent = 0;
  const startedAt = performance.now();
  const report = async (count: number, keyName: string) => {
    for (const end = sent + count; sent < end; sent += PORTION) {
      const numbers = Array.from({ length: PORTION }, (_, n) => ((sent + n) % 4) + 1);
      if (isLongRun) {
        const ask = (n: number) => requestText("POST", "/api/keys/status", { key: secretOf(n), code: 200 });
        reporter.socket.write(numbers.map(ask).join(""));
      } else for (const keyId of numbers) api.feed.append(reported(keyId, keyName));
      await until(() => all.length >= sent + PORTION);
      if (isLongRun) await until(() => performance.now() - startedAt >= (sent / RATE) * 1000);
      // On a machine that cannot keep up, all of them would fall behind.
      await until(() => others.every(({ state }) => state.taken > sent - MOST_KEPT / 2));
    }
  };
  const writtenWhile = async (act: () => Promise<void>) => {
    const before = slowSocket?.bytesWritten ?? 0;
    await act();
    return (slowSocket?.bytesWritten ?? 0) - before;
  };
  // The system takes some megabytes.
  const fill = async () => {
    await report(10 * PORTION, WIDE);
    await until(() => others.every(({ state }) => state.taken === sent));
  };
  while ((await writtenWhile(fill)) > 0);
  // Until nothing more is written to the slow one while more events come than are kept.
  while ((await writtenWhile(() => report(MOST_KEPT + PORTION, NARROW))) > 0);
  expect(slowSocket?.writableLength).toBeLessThan(MOST_UNSENT);
  await until(() => others.every(({ state }) => state.taken === sent));
  expect(slow.state.taken).toBeLessThan(sent);

  slow.caller.resume();
  await until(() => slow.state.resets.length > 0);
  await api.pool.settings.save({ name: "cooldown_seconds", value: "60" });
  await until(() => [slow, ...others].every(({ state }) => state.last === "setting"));
  expect(slow.state).toMatchObject({ taken: sent + 1, wrong: 0, resets: [expect.any(Number)] });
  for (const { state } of others)
    expect(state).toEqual({ taken: sent + 1, wrong: 0, resets: [], last: "setting" });
  reporter.socket.destroy();
});
