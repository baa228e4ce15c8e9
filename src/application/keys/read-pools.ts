import {
  type Clock,
  countByPool,
  covers,
  type KeyReader,
  type PoolCounts,
  type Scope,
  SERVICES,
} from "../../domain/index.ts";
import { narrowed, onlyWithin } from "../access/in-scope.ts";

interface Parts {
  readonly clock: Clock;
  readonly keys: KeyReader;
}

/** Which pools there are, by service and region, and how their keys are. */
export class ReadPools {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** A pool without keys in `scope` is not there. */
  async execute(scope?: Scope): Promise<readonly PoolCounts[]> {
    const { clock, keys } = this.#parts;
    const at = clock.now();
    if (scope?.tags !== undefined) return this.#countWithin(scope, at);
    const pools = await keys.countPools(at);
    return scope ? pools.filter(({ service, region }) => covers(scope, service, region, null)) : pools;
  }

  /** Read through, for storage counts whole pools. */
  async #countWithin(scope: Scope, at: number): Promise<readonly PoolCounts[]> {
    const { keys } = this.#parts;
    let pools: readonly PoolCounts[] = [];
    for (const service of SERVICES) {
      for await (const some of onlyWithin(scope, keys.scan(narrowed({ service }, scope), at))) {
        pools = countByPool(some, at, pools);
      }
    }
    return pools;
  }
}
