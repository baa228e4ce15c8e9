import { type KeyPlace, SERVICES, type Service } from "../../domain/index.ts";
import { BoundedNames } from "./bounded-names.ts";

/** How a hand-out or lease ended: the statuses of a turn, or that a client has had its keys for this hour. */
export const HAND_OUT_OUTCOMES = [
  "handed-out",
  "all-away",
  "all-busy",
  "no-key",
  "budget-exhausted",
] as const;
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

interface Tally {
  readonly service: Service;
  readonly region: string | null;
  /** A field and not an entry, because nothing is counted as often. */
  handedOut: number;
  readonly others: Record<Exclude<HandOutOutcome, "handed-out">, number>;
}

/** Counts hand-outs by pool and outcome, at a price that the busiest path there is can pay. */
export class HandOutCounts {
  readonly #names = new BoundedNames(MOST_REGIONS);
  readonly #tallies: Readonly<Record<Service, Map<string | null, Tally>>> = {
    speech: new Map(),
    translation: new Map(),
  };
  /** Most hand-outs are of the pool of the one before. */
  #last = newTally("speech", null);

  /** A key of this place was handed out. */
  countHandOut({ service, region }: KeyPlace): void {
    const last = this.#last;
    const tally =
      last.region === region && last.service === service ? last : this.#find(service, region, true);
    tally.handedOut++;
  }

  /** None was; `hasKeys` says whether there are keys in that service and region. */
  countNone({ service, region }: KeyPlace, outcome: keyof Tally["others"], hasKeys: boolean): void {
    this.#find(service, region, hasKeys).others[outcome]++;
  }

  /** What has happened at least once. */
  read(): readonly HandOutCount[] {
    return SERVICES.flatMap((service) => [...this.#tallies[service].values()])
      .flatMap(({ service, region, handedOut, others }) => {
        const counts = { "handed-out": handedOut, ...others };
        return HAND_OUT_OUTCOMES.map((outcome) => ({ service, region, outcome, count: counts[outcome] }));
      })
      .filter(({ count }) => count > 0);
  }

  #find(service: Service, region: string, hasKeys: boolean): Tally {
    const tallies = this.#tallies[service];
    let tally = tallies.get(region);
    if (!tally) {
      const name = hasKeys ? this.#names.of(region) : null;
      tally = tallies.get(name) ?? newTally(service, name);
      tallies.set(name, tally);
    }
    if (tally.region !== null) this.#last = tally;
    return tally;
  }
}

function newTally(service: Service, region: string | null): Tally {
  const others = { "all-away": 0, "all-busy": 0, "no-key": 0, "budget-exhausted": 0 };
  return { service, region, handedOut: 0, others };
}
