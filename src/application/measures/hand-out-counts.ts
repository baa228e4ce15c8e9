import { type KeyPlace, SERVICES, type Service } from "../../domain/index.ts";
import { BoundedNames } from "./bounded-names.ts";

/** How a hand-out ended: the statuses of a turn, or that a client has had its keys for this hour. */
export const HAND_OUT_OUTCOMES = ["handed-out", "all-away", "no-key", "budget-exhausted"] as const;
export type HandOutOutcome = (typeof HAND_OUT_OUTCOMES)[number];

/** How many hand-outs ended so since the pool was made. */
export interface HandOutCount {
  readonly service: Service;
  /** Null for regions that never had a key, whose names may be anything, and for those beyond the first hundred. */
  readonly region: string | null;
  readonly outcome: HandOutOutcome;
  readonly count: number;
}

const MOST_REGIONS = 100;

const INDEX: Readonly<Record<HandOutOutcome, number>> = {
  "handed-out": 0,
  "all-away": 1,
  "no-key": 2,
  "budget-exhausted": 3,
};

class Tally {
  readonly service: Service;
  readonly region: string | null;
  // Doubles, because a count that wraps would be lost.
  readonly counts = new Float64Array(HAND_OUT_OUTCOMES.length);

  constructor(service: Service, region: string | null) {
    this.service = service;
    this.region = region;
  }
}

/** Counts hand-outs by pool and outcome, at a price that the busiest path there is can pay. */
export class HandOutCounts {
  readonly #names = new BoundedNames(MOST_REGIONS);
  readonly #tallies: Readonly<Record<Service, Map<string | null, Tally>>> = {
    speech: new Map(),
    translation: new Map(),
  };
  /** Most hand-outs are of the pool of the one before. */
  #last = new Tally("speech", null);

  /** `hasKeys`: whether there are keys in that service and region. */
  count({ service, region }: KeyPlace, outcome: HandOutOutcome, hasKeys: boolean): void {
    let tally = this.#last;
    if (tally.region !== region || tally.service !== service) tally = this.#find(service, region, hasKeys);
    const index = INDEX[outcome];
    tally.counts[index] = (tally.counts[index] as number) + 1;
  }

  /** What has happened at least once. */
  read(): readonly HandOutCount[] {
    return SERVICES.flatMap((service) => [...this.#tallies[service].values()])
      .flatMap(({ service, region, counts }) =>
        HAND_OUT_OUTCOMES.map((outcome) => ({
          ...{ service, region, outcome },
          count: counts[INDEX[outcome]] as number,
        })),
      )
      .filter(({ count }) => count > 0);
  }

  #find(service: Service, region: string, hasKeys: boolean): Tally {
    const tallies = this.#tallies[service];
    let tally = tallies.get(region);
    if (!tally) {
      const name = hasKeys ? this.#names.of(region) : null;
      tally = tallies.get(name) ?? new Tally(service, name);
      tallies.set(name, tally);
    }
    if (tally.region !== null) this.#last = tally;
    return tally;
  }
}
