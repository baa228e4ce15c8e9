import type { LoadTool } from "./load/load-tool.ts";
import type { Row } from "./row.ts";

/** How much work a run is worth. */
export interface Effort {
  /** Rounds of load for each side, in turn. */
  readonly rounds: number;
  readonly roundSeconds: number;
  readonly warmUpSeconds: number;
  /** How often the short figures are repeated. */
  readonly repetitions: number;
  readonly manyKeys: number;
  readonly logRows: number;
}

export const FULL: Effort = {
  rounds: 5,
  roundSeconds: 5,
  warmUpSeconds: 3,
  repetitions: 20,
  manyKeys: 100_000,
  logRows: 1_000_000,
};

/** Shows that the bench works; its numbers mean little. */
export const QUICK: Effort = { ...FULL, rounds: 3, roundSeconds: 1, warmUpSeconds: 1, repetitions: 5 };

export interface Bench {
  readonly effort: Effort;
  readonly tool: LoadTool;
  /** A new path in a folder that goes away with the run. */
  scratchFile(name: string): string;
}

/** One file of `figures/`: what it measures comes back as rows of the table. */
export type Figure = (bench: Bench) => Promise<readonly Row[]>;
