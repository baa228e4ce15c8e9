import { beforeEach, expect, it } from "vitest";
import { type Job, JobRunner } from "../../../src/application/upkeep/job-runner.ts";
import type { Scheduler } from "../../../src/domain/index.ts";

interface Planned {
  readonly ms: number;
  readonly run: () => void;
}

let planned: Planned[];
let events: string[];
const scheduler: Scheduler = {
  after: (ms, run) => {
    const plan = { ms, run };
    planned.push(plan);
    return () => {
      planned = planned.filter((one) => one !== plan);
    };
  },
};
beforeEach(() => {
  planned = [];
  events = [];
});

const open = (...jobs: Job[]) =>
  new JobRunner(jobs, {
    scheduler,
    onDone: (job, result) => events.push(`${job} answered ${result}`),
    onFault: (job, error) => events.push(`${job} failed: ${(error as Error).message}`),
  });
const next = async () => {
  planned.shift()?.run();
  await new Promise(setImmediate);
};

it("runs a job again after each pause, also after a fault", async () => {
  let runs = 0;
  const run = async () => {
    if (++runs === 2) throw new Error("made to fail");
    return runs;
  };
  const pauses: number[] = [];
  open({ name: "count", pauseMs: 1000, firstPauseMs: 5, run, onPlanned: (ms) => pauses.push(ms) }).start();
  for (let i = 0; i < 3; i++) await next();
  expect(pauses).toEqual([5, 1000, 1000, 1000]);
  expect(events).toEqual(["count answered 1", "count failed: made to fail", "count answered 3"]);
});

it("plans the next run only once the last has ended, and lets no two overlap", async () => {
  const gate = Promise.withResolvers<void>();
  let runs = 0;
  const runner = open({
    name: "slow",
    pauseMs: 1000,
    run: async () => {
      runs++;
      await gate.promise;
    },
  });
  runner.start();
  await next();
  expect(planned).toEqual([]);
  const byHand = runner.run("slow");
  gate.resolve();
  await byHand;
  await new Promise(setImmediate);
  expect([runs, planned.length]).toEqual([1, 1]);
});

it("rejects with the fault of a run by hand, and knows its jobs", async () => {
  const run = async () => {
    throw new Error("made to fail");
  };
  const runner = open({ name: "fail", pauseMs: 1000, run });
  await expect(runner.run("fail")).rejects.toThrow("made to fail");
  expect(() => runner.run("other")).toThrow(RangeError);
});

it("stops when what runs has ended, and plans nothing more", async () => {
  const gate = Promise.withResolvers<void>();
  let wasAborted = false;
  const runner = open({
    name: "slow",
    pauseMs: 1000,
    run: async (stop) => {
      await gate.promise;
      wasAborted = stop.aborted;
    },
  });
  runner.start();
  await next();
  let isStopped = false;
  const stopping = runner.stop().then(() => {
    isStopped = true;
  });
  await new Promise(setImmediate);
  expect(isStopped).toBe(false);
  gate.resolve();
  await stopping;
  await new Promise(setImmediate);
  expect([wasAborted, planned]).toEqual([true, []]);
});

it("a job that throws at once has failed like any other", async () => {
  const run = () => {
    throw new Error("made to fail");
  };
  open({ name: "broken", pauseMs: 1000, run }).start();
  await next();
  expect([events, planned.length]).toEqual([["broken failed: made to fail"], 1]);
});

it("after the stop no job begins, planned or asked for", async () => {
  let runs = 0;
  const runner = open({ name: "count", pauseMs: 1000, run: async () => runs++ });
  runner.start();
  await runner.stop();
  await runner.trigger("count");
  await expect(runner.run("count")).rejects.toThrow("after the stop");
  expect([runs, events, planned]).toEqual([0, [], []]);
});
