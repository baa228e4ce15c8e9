import type { Registry } from "@prometheus-io/client";
import type { KeyPool, PoolEvent } from "../../application/index.ts";
import { newCells } from "./cells.ts";
import type { CountAnswer } from "./http-cells.ts";

export interface MetricsOptions {
  /** Whether to tell about the process too: processor, memory, event loop. Default: true. */
  readonly ofProcess?: boolean;
  /** Counts milliseconds evenly. Default: `performance.now`. */
  readonly monotonic?: () => number;
}

/** What Prometheus reads, as text. */
export interface Scrape {
  readonly contentType: string;
  readonly text: string;
}

/**
 * What happens, counted for Prometheus. Each method is told of one thing and costs no more than adding to a number;
 * none needs another. The client is loaded by the first scrape.
 */
export interface Metrics {
  /** For `onEvent` of a pool. */
  readonly onEvent: (event: PoolEvent) => void;
  /** For `onCommit` of a database: rows and milliseconds of a transaction. */
  readonly onCommit: (rows: number, ms: number) => void;
  /** For `onDegraded` of a store that falls back: this instance goes on alone. */
  readonly onAlone: () => void;
  /** For `onRecovered` of a store that falls back. */
  readonly onTogether: () => void;
  /** For `metrics` of an HTTP app: answers what counts the answers of one of its routes. */
  readonly route: (route: string, method: string) => CountAnswer;
  /** For `metrics` of an HTTP app: a token let nobody in, for a reason of few. */
  readonly tokenRefused: (reason: string) => void;
  /** Tells the numbers of this pool too: keys, hand-outs, health. Comes once, before the first scrape. */
  readonly watch: (pool: KeyPool) => void;
  /** All numbers in the text format of Prometheus. Resolves within a second, whatever is away. */
  readonly scrape: () => Promise<Scrape>;
  /** The same as a registry of the client, to be merged with one's own. */
  readonly registry: () => Promise<Registry>;
}

/** Metrics of one pool and what is around it, all starting with `azure_key_pool_`. */
export function createMetrics({
  ofProcess = true,
  monotonic = performance.now.bind(performance),
}: MetricsOptions = {}): Metrics {
  const cells = newCells(monotonic);
  let watched: KeyPool | undefined;
  let made: Promise<Registry> | undefined;
  const registry = () => {
    made ??= import("./registry-of.ts").then(({ registryOf }) => registryOf(cells, watched, ofProcess));
    return made;
  };
  return {
    onEvent: (event) => cells.pool.note(event),
    onCommit: (rows, ms) => {
      cells.commitRows.observe(rows);
      cells.commitSeconds.observe(ms / 1000);
    },
    onAlone: () => cells.alone.start(),
    onTogether: () => cells.alone.stop(),
    route: (route, method) => cells.http.route(route, method),
    tokenRefused: (reason) => cells.http.tokenFailures.count(reason),
    watch: (pool) => {
      watched = pool;
    },
    scrape: async () => {
      const all = await registry();
      return { contentType: all.contentType, text: await all.metrics() };
    },
    registry,
  };
}
