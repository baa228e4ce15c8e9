import { REQUEST_SECONDS } from "./bounds.ts";
import { Distribution } from "./distribution.ts";
import { Tally } from "./tally.ts";

/** Called with each answer of one route: its status, and the milliseconds until it was made. */
export type CountAnswer = (status: number, ms: number) => void;

const CLASSES = 5;

export interface RouteCells {
  readonly route: string;
  readonly method: string;
  /** By the first digit of the status, less one; undefined for what was never answered. */
  readonly byClass: readonly (Distribution | undefined)[];
}

/** What has been asked over HTTP. A request fills a cell that its route holds in hand. */
export class HttpCells {
  readonly tokenFailures = new Tally();
  readonly routes: RouteCells[] = [];

  /** What counts the answers of a route; `route` is its pattern, for a path may hold a secret. */
  route(route: string, method: string): CountAnswer {
    const byClass = new Array<Distribution | undefined>(CLASSES).fill(undefined);
    this.routes.push({ route, method, byClass });
    return (status, ms) => {
      const index = Math.floor(status / 100) - 1;
      let distribution = byClass[index];
      if (!distribution) {
        distribution = new Distribution(REQUEST_SECONDS);
        byClass[index] = distribution;
      }
      distribution.observe(ms / 1000);
    };
  }
}
