import type { Pool } from "../../domain/index.ts";
import type { KeyLease } from "../keyring/leasing.ts";
import type { KeyTurn } from "../keyring/taking-turns.ts";

/** Of several pools the first answer with a key; if none has one, the answer that promises one, or promises it sooner. */
export async function firstOf<Answer extends KeyTurn | KeyLease>(
  pools: readonly Pool[],
  ask: (pool: Pool) => Promise<Answer>,
  nothing: Answer,
): Promise<Answer> {
  let best = nothing;
  for (const pool of pools) {
    const answer = await ask(pool);
    if ("key" in answer) return answer;
    if (isSooner(answer, best)) best = answer;
  }
  return best;
}

function isSooner(one: KeyTurn | KeyLease, other: KeyTurn | KeyLease): boolean {
  return "until" in one && !("until" in other && other.until <= one.until);
}
