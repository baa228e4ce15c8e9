import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ManualClock } from "../../src/adapters/in-memory/index.ts";
import { createKeyPool, type KeyPool, type Ports } from "../../src/application/index.ts";
import { DomainError, type Standing, statusAt } from "../../src/domain/index.ts";
import type { OpenRestartable } from "../../src/testing/key-pool.ts";
import { JOBS_BY_HAND } from "../../src/testing/pool.ts";
import {
  type Act,
  advance,
  apply,
  type Model,
  newModel,
  observe,
  restart,
} from "../situations/pool-model.ts";
import { answeredLate, scheduled, scheduledChunks } from "../situations/scheduled.ts";

type Step =
  | { readonly step: "burst"; readonly acts: readonly Act[] }
  | { readonly step: "pass"; readonly ms: number }
  | { readonly step: "restart" };

const secret = fc.constantFrom("secret-one", "secret-two", "secret-three", "secret-four");
const region = fc.constantFrom("eastasia", "westus");
const tag = fc.constantFrom(null, "a");

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("add" as const), secret, region, tag }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("handOut" as const), region, tag }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("report" as const),
      secret,
      code: fc.constantFrom(200, 401, 429, 429, 500),
      retryAfter: fc.constantFrom(null, null, 0, 2, 300, 9000),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("enable" as const, "disable" as const), secret }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("delete" as const), secret }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("move" as const), secret, region }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("retag" as const), secret, tag }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("limit" as const), secret, limit: fc.constantFrom(null, 1, 9) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("cooldown" as const), seconds: fc.constantFrom(2, 300) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("rotation" as const), sticky: fc.boolean() }) },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      step: fc.constant("burst" as const),
      // Two keys that are added at once may join in another order than that of their ids.
      acts: fc
        .array(act, { minLength: 1, maxLength: 4 })
        .filter((acts) => acts.filter((one) => one.do === "add").length < 2),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      step: fc.constant("pass" as const),
      ms: fc.constantFrom(1, 2_000, 4_999, 5_000, 300_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ step: fc.constant("restart" as const) }) },
);

/**
 * Acts run at once, their calls to the ports in random order; afterwards there must be an order of the acts,
 * one at a time, in which the model gives the same answers and the same state.
 */
export function describeKeyPoolModel(
  name: string,
  create: () => Promise<OpenRestartable>,
  runs: number,
): void {
  describe(`the pool and its model on ${name}`, () => {
    test("the answers to concurrent acts are those of some order of the acts", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { minLength: 5, maxLength: 25, size: "max" }),
          fc.scheduler(),
          async (steps, scheduler) => {
            const storage = await create();
            try {
              await play(steps, storage, scheduler);
            } finally {
              await storage.destroy();
            }
          },
        ),
        { numRuns: runs },
      );
    });
  });
}

async function play(
  steps: readonly Step[],
  storage: OpenRestartable,
  scheduler: fc.Scheduler,
): Promise<void> {
  const clock = new ManualClock();
  const start = async () => {
    const ports = await storage.open(clock);
    const pool = createKeyPool({ ...scheduledPorts(ports, scheduler), scheduler: JOBS_BY_HAND });
    await scheduler.waitFor(pool.start());
    return pool;
  };
  let pool = await start();
  let models = [newModel(clock.now())];
  for (const step of steps) {
    if (step.step === "pass") {
      clock.advance(step.ms);
      for (const model of models) advance(model, step.ms);
    } else if (step.step === "restart") {
      await scheduler.waitFor(pool.jobs.run("write usage"));
      await storage.stop();
      pool = await start();
      for (const model of models) restart(model);
    } else {
      const answers = await scheduler.waitFor(Promise.all(step.acts.map((act) => perform(pool, act))));
      models = explanations(models, step.acts, answers);
      if (models.length === 0) expect.fail(`no order explains ${JSON.stringify({ step, answers })}`);
    }
    const seen = await scheduler.waitFor(look(pool, clock.now()));
    const agreeing = models.filter((model) => observe(model) === seen);
    if (agreeing.length === 0) expect(seen).toBe(observe(models[0] as Model));
    models = agreeing;
  }
}

/** Every model that some order of the acts leads to with exactly these answers. */
function explanations(models: readonly Model[], acts: readonly Act[], answers: readonly string[]): Model[] {
  const found = new Map<string, Model>();
  const search = (model: Model, left: readonly number[]) => {
    if (left.length === 0) found.set(JSON.stringify(model), model);
    for (const index of left) {
      const next = structuredClone(model);
      if (apply(next, acts[index] as Act) !== answers[index]) continue;
      search(
        next,
        left.filter((one) => one !== index),
      );
    }
  };
  for (const model of models) search(model, [...acts.keys()]);
  return [...found.values()];
}

async function perform(pool: KeyPool, act: Act): Promise<string> {
  try {
    return await answerOf(pool, act);
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
}

async function answerOf(pool: KeyPool, act: Act): Promise<string> {
  const service = "speech";
  switch (act.do) {
    case "add":
      await pool.addKey.execute({ service, ...act });
      return "added";
    case "handOut": {
      const { region, tag } = act;
      const turn = await pool.handOutKey.execute({ service, region, ...(tag !== null && { tag }) });
      return turn.status === "handed-out" ? turn.key.secret : turn.status;
    }
    case "report": {
      const outcome = await pool.reportCode.execute({ service, ...act });
      return "reason" in outcome ? `${outcome.action} ${outcome.reason}` : outcome.action;
    }
    case "enable":
      await pool.enableKey.execute(service, act.secret);
      return "enabled";
    case "disable":
      await pool.disableKey.execute(service, act.secret);
      return "disabled";
    case "delete":
      await pool.deleteKey.execute(service, act.secret);
      return "deleted";
    case "move":
      await pool.updateKey.execute(service, act.secret, { region: act.region });
      return "updated";
    case "retag":
      await pool.updateKey.execute(service, act.secret, { tag: act.tag });
      return "updated";
    case "limit":
      await pool.updateKey.execute(service, act.secret, { maxInFlight: act.limit });
      return "updated";
    case "cooldown":
      await pool.settings.save({ name: "cooldown_seconds", value: String(act.seconds) });
      return "saved";
    case "rotation": {
      const value = act.sticky ? "sticky" : "round_robin";
      await pool.settings.save({ name: "key_rotation_strategy", value });
      return "saved";
    }
  }
}

async function look(pool: KeyPool, now: number): Promise<string> {
  const { keys } = await pool.listKeys.execute({ service: "speech" });
  const { entries } = await pool.listLogs.execute({ services: ["speech", null], offset: 0, limit: 1000 });
  const logs: Record<string, number> = {};
  for (const { action } of entries) logs[action] = (logs[action] ?? 0) + 1;
  const seen = keys.map(({ secret, region, tag, maxInFlight, standing }) => [
    secret,
    region,
    tag,
    maxInFlight,
    summaryOf(standing, now),
  ]);
  return JSON.stringify([seen, Object.entries(logs).toSorted()]);
}

function summaryOf(standing: Standing, now: number): string {
  return standing.status === "disabled" ? standing.disabledBy : statusAt(standing, now);
}

function scheduledPorts(ports: Ports, scheduler: fc.Scheduler): Ports {
  return {
    ...ports,
    keys: scheduled(scheduledChunks(ports.keys, scheduler, ["loadPool"]), scheduler, [
      "get",
      "findBySecret",
      "add",
      "describe",
      "settle",
      "remove",
    ]),
    log: scheduled(ports.log, scheduler, ["append"]),
    settings: scheduled(ports.settings, scheduler, ["all", "apply"]),
    cooldowns: answeredLate(ports.cooldowns, scheduler, [
      "take",
      "read",
      "replace",
      "put",
      "follow",
      "leave",
      "drop",
    ]),
  };
}
