import type { Clock } from "../../domain/index.ts";
import { type Demand, QuotaMeter } from "./quota-meter.ts";
import type { RequestKind } from "./route.ts";
import { type Behaviour, checkScenario, REJECTED, type Scenario, WORKS } from "./scenario.ts";

/** What one request meets; `leave` is called when its connection is over. */
export interface Move {
  readonly behaviour: Behaviour;
  leave(): void;
}

type Player = (demand: Demand) => Move;

/** Knows which scenario awaits which key. */
export class ScenarioBook {
  readonly #clock: Clock;
  readonly #players = new Map<string, Player>();
  #fallback: Scenario = REJECTED;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  set(key: string, scenario: Scenario, kind?: RequestKind): void {
    checkScenario(scenario);
    this.#players.set(entryOf(key, kind), playerOf(scenario, this.#clock));
  }

  /** Each unknown key starts its own run of it, so that quotas are not shared. */
  setFallback(scenario: Scenario): void {
    checkScenario(scenario);
    this.#fallback = scenario;
  }

  next(key: string | null, demand: Demand): Move {
    if (key === null) return always(REJECTED);
    const specific = this.#players.get(entryOf(key, demand.kind));
    if (specific) return specific(demand);
    if (!this.#players.has(entryOf(key))) {
      if (this.#fallback === REJECTED) return always(REJECTED);
      this.set(key, this.#fallback);
    }
    return (this.#players.get(entryOf(key)) as Player)(demand);
  }
}

function entryOf(key: string, kind?: RequestKind): string {
  return `${kind ?? "any"} ${key}`;
}

export function always(behaviour: Behaviour): Move {
  return { behaviour, leave: () => {} };
}

function playerOf(scenario: Scenario, clock: Clock): Player {
  if (scenario.kind === "script") {
    const players = scenario.steps.map((step) => playerOf(step, clock));
    let played = 0;
    return (demand) => (players[Math.min(played++, players.length - 1)] as Player)(demand);
  }
  if (scenario.kind === "quota") {
    const meter = new QuotaMeter(scenario, clock);
    return (demand) => {
      const admission = meter.admit(demand);
      if (admission.admitted) return { behaviour: WORKS, leave: admission.leave };
      const { retryAfterSeconds } = admission;
      const refusal = { kind: "refuse", status: 429 } as const;
      return always(scenario.retryAfter ? { ...refusal, retryAfterSeconds } : refusal);
    };
  }
  return () => always(scenario);
}
