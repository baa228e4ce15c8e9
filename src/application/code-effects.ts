import { isSuccess, type Judgement, judge, type KeyId } from "../domain/index.ts";
import type { CurrentSettings } from "./current-settings.ts";
import { keyEntry } from "./log-drafts.ts";
import type { Decided, Standings } from "./standings.ts";
import type { UsageCounters } from "./usage-counters.ts";

/** What a code came to for its key. */
export type CodeOutcome = WithoutStanding<Judgement> & { readonly statusChanged: boolean };

/** Of each member of the union for itself. */
type WithoutStanding<J> = J extends unknown ? Omit<J, "standing"> : never;

/** Rests, retires or keeps a key by the code it got, whether it was reported or seen by a probe. */
export class CodeEffects {
  readonly #standings: Standings;
  readonly #settings: CurrentSettings;
  readonly #counters: UsageCounters;

  constructor(standings: Standings, settings: CurrentSettings, counters: UsageCounters) {
    this.#standings = standings;
    this.#settings = settings;
    this.#counters = counters;
  }

  /** Logs a change of the standing and nothing else. Throws `key_not_found`, `storage_unavailable`. */
  apply(id: KeyId, statusCode: number, note: string | null): Promise<Decided<Judgement>> {
    if (!isSuccess(statusCode)) this.#counters.countError(id);
    return this.#standings.change(
      id,
      (standing, at) => judge(standing, statusCode, this.#settings.value, at),
      ({ key, decision, at }) => {
        const action = decision.action === "disable" ? "disable_key" : "cooldown_start";
        return keyEntry(key, action, at, { statusCode, note });
      },
    );
  }
}

export function outcomeOf({ standing, ...outcome }: Judgement): CodeOutcome {
  return { ...outcome, statusChanged: outcome.action === "disable" || outcome.action === "cooldown" };
}
