import { COMMIT_ROWS, COMMIT_SECONDS } from "./bounds.ts";
import { Distribution } from "./distribution.ts";
import { HttpCells } from "./http-cells.ts";
import { PoolCells } from "./pool-cells.ts";
import { Stopwatch } from "./stopwatch.ts";

/** All that has been counted, ready to be scraped. */
export interface Cells {
  readonly pool: PoolCells;
  readonly http: HttpCells;
  readonly commitSeconds: Distribution;
  readonly commitRows: Distribution;
  readonly alone: Stopwatch;
}

/** `monotonic` counts milliseconds. */
export function newCells(monotonic: () => number): Cells {
  return {
    pool: new PoolCells(),
    http: new HttpCells(),
    commitSeconds: new Distribution(COMMIT_SECONDS),
    commitRows: new Distribution(COMMIT_ROWS),
    alone: new Stopwatch(monotonic),
  };
}
