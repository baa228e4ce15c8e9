import {
  type Actor,
  isSuccess,
  type Judgement,
  judge,
  type KeyId,
  keyLogDraft,
  type RetryAfter,
  type Standing,
} from "../../domain/index.ts";
import type { Keyring } from "../keyring/keyring.ts";
import type { Decided } from "../keyring/standing-changes.ts";
import type { SettingsInForce } from "../settings/settings-in-force.ts";
import type { UsageCounters } from "./usage-counters.ts";

/** What a code has done to its key. */
export type CodeOutcome = WithoutStanding<Judgement> & { readonly statusChanged: boolean };

/** Of each member of the union for itself. */
type WithoutStanding<J> = J extends unknown ? Omit<J, "standing"> : never;

export interface SeenCode {
  readonly statusCode: number;
  readonly note: string | null;
  readonly actor: Actor;
  /** When the service would have it asked again, where it said so. */
  readonly retryAfter?: RetryAfter | undefined;
}

interface Parts {
  readonly keyring: Keyring;
  readonly settings: SettingsInForce;
  readonly counters: UsageCounters;
}

/** Rests, retires or keeps a key by the code it got, whether it was reported or seen by a probe. */
export class CodeEffects {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Whether the code would disable a key with this standing. */
  wouldDisable(standing: Standing, statusCode: number, at: number): boolean {
    return judge(standing, statusCode, this.#parts.settings.value, at).action === "disable";
  }

  /** Logs a change of the standing and nothing else. Throws `key_not_found`, `storage_unavailable`. */
  apply(id: KeyId, { statusCode, note, actor, retryAfter }: SeenCode): Promise<Decided<Judgement>> {
    const { keyring, settings, counters } = this.#parts;
    if (!isSuccess(statusCode)) counters.countError(id);
    return keyring.restrict(
      id,
      (standing, at) => judge(standing, statusCode, settings.value, at, retryAfter),
      ({ key, decision, at }) => {
        const action = decision.action === "disable" ? "disable_key" : "cooldown_start";
        return keyLogDraft(key, action, { statusCode, note, actor, at });
      },
    );
  }
}

export function outcomeOf({ standing, ...outcome }: Judgement): CodeOutcome {
  return { ...outcome, statusChanged: outcome.action === "disable" || outcome.action === "cooldown" };
}
