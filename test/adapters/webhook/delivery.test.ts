import { expect, it, onTestFinished } from "vitest";
import { Delivery } from "../../../src/adapters/webhook/delivery.ts";
import { HandScheduler } from "./hand-scheduler.ts";
import { openReceiver, type Reaction } from "./receiver.ts";

const TIMEOUT_MS = 10_000;
const PAUSES_MS = [1_000, 5_000, 25_000];

async function openDelivery(...reactions: Reaction[]) {
  const receiver = await openReceiver(...reactions);
  const scheduler = new HandScheduler();
  const states: (string | undefined)[] = [];
  let changed = () => {};
  const delivery = new Delivery({
    url: receiver.url,
    scheduler,
    faultIn: (answer) => (answer === "no" ? "it says no" : undefined),
    onState: (fault) => {
      states.push(fault);
      changed();
    },
  });
  onTestFinished(() => delivery.close());
  const told = async (count: number) => {
    while (states.length < count) {
      await new Promise<void>((resolve) => {
        changed = resolve;
      });
    }
    return states;
  };
  return { ...receiver, delivery, scheduler, states, told };
}

it("delivers messages one after the other, in order, as JSON", async () => {
  const { delivery, got, states } = await openDelivery();
  for (const n of [1, 2, 3]) delivery.post({ n });
  expect(await got(3)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  expect(states).toEqual([]);
});

it.each<[string, Reaction]>([
  ["an error of the server", { status: 503 }],
  ["a refusal that passes", { status: 429 }],
  ["a connection that breaks", "hang up"],
  ["an answer that says no", { status: 200, body: "no" }],
])("tries again after %s, later each time", async (_, reaction) => {
  const { delivery, got, scheduler, states } = await openDelivery(reaction, reaction, reaction);
  delivery.post({ n: 1 });
  for (const ms of PAUSES_MS) await scheduler.pass(ms);
  expect(await got(4)).toEqual(Array(4).fill({ n: 1 }));
  expect(states).toEqual([]);
});

it("tries again after no answer in time", async () => {
  const { delivery, got, scheduler } = await openDelivery("say nothing");
  delivery.post({ n: 1 });
  await got(1);
  await scheduler.pass(TIMEOUT_MS);
  await scheduler.pass(1_000);
  expect(await got(2)).toEqual([{ n: 1 }, { n: 1 }]);
});

it.each([
  [{ status: 404 }, "HTTP 404"],
  [{ status: 302 }, "HTTP 302"],
])("gives up at once after %j, tells so once, and tells when it works again", async (reaction, reason) => {
  const { delivery, got, told, states } = await openDelivery(reaction, reaction);
  delivery.post({ n: 1 });
  delivery.post({ n: 2 });
  await got(2);
  expect(await told(1)).toEqual([reason]);
  delivery.post({ n: 3 });
  expect(await told(2)).toEqual([reason, undefined]);
  expect(states).toHaveLength(2);
});

it("tells of a receiver that is not there without its URL", async () => {
  const states: (string | undefined)[] = [];
  const scheduler = new HandScheduler();
  const told = Promise.withResolvers<void>();
  const delivery = new Delivery({
    url: "http://127.0.0.1:1/s3cret-path",
    scheduler,
    faultIn: () => undefined,
    onState: (fault) => {
      states.push(fault);
      told.resolve();
    },
  });
  delivery.post({ n: 1 });
  for (const ms of PAUSES_MS) await scheduler.pass(ms);
  await told.promise;
  expect(states).toEqual([expect.stringMatching(/^(ECONNREFUSED|it cannot be reached)$/)]);
});

it("keeps a hundred that wait and loses the others, which is told once", async () => {
  const { delivery, got, told, states } = await openDelivery();
  for (let n = 0; n <= 105; n++) delivery.post({ n });
  expect(states).toEqual(["100 messages wait already"]);
  expect(await told(2)).toEqual(["100 messages wait already", undefined]);
  const numbers = (await got(101)).map(({ n }) => n);
  expect(numbers).toEqual(Array.from({ length: 101 }, (_, n) => n));
});

it("ends at once when it is closed, in whatever it does", async () => {
  const silent = await openDelivery("say nothing");
  silent.delivery.post({ n: 1 });
  silent.delivery.post({ n: 2 });
  await silent.got(1);
  await silent.delivery.close();
  silent.delivery.post({ n: 3 });
  const pausing = await openDelivery({ status: 500 });
  pausing.delivery.post({ n: 1 });
  await pausing.got(1);
  await pausing.scheduler.waiting(1_000);
  await pausing.delivery.close();
  for (const { scheduler, states, received } of [silent, pausing]) {
    expect([scheduler.waits, states, received]).toEqual([[], [], [{ n: 1 }]]);
  }
});
