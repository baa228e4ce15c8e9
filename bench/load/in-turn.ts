import type { Effort } from "../bench.ts";
import { median } from "../statistics.ts";
import type { Load, LoadResult, LoadTool } from "./load-tool.ts";

export interface Side {
  /** Medians over the rounds. */
  readonly perSecond: number;
  readonly p99Ms: number;
  /** Sums over the rounds, the warm-up included. */
  readonly errors: number;
  readonly answered: number;
}

/** Loads ours and the anchor's server in turn, so that what else the machine does hurts both alike. */
export async function loadInTurn(
  tool: LoadTool,
  effort: Effort,
  ours: Omit<Load, "seconds">,
  anchors: Omit<Load, "seconds">,
): Promise<{ readonly ours: Side; readonly anchors: Side }> {
  const results: [LoadResult[], LoadResult[]] = [[], []];
  for (let round = 0; round <= effort.rounds; round++) {
    const seconds = round === 0 ? effort.warmUpSeconds : effort.roundSeconds;
    results[0].push(await tool.run({ ...ours, seconds }));
    results[1].push(await tool.run({ ...anchors, seconds }));
  }
  return { ours: sideOf(results[0]), anchors: sideOf(results[1]) };
}

function sideOf(results: readonly LoadResult[]): Side {
  const [, ...rounds] = results;
  const sum = (of: (result: LoadResult) => number) =>
    results.reduce((total, result) => total + of(result), 0);
  return {
    perSecond: median(rounds.map(({ perSecond }) => perSecond)),
    p99Ms: median(rounds.map(({ p99Ms }) => p99Ms)),
    errors: sum(({ errors }) => errors),
    answered: sum(({ answered }) => answered),
  };
}
