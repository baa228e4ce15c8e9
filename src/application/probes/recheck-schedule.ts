import type { DisabledByCode, Key, KeyId } from "../../domain/index.ts";

export type CodeDisabledKey = Key & { readonly standing: DisabledByCode };

/** What probing a key again has come to since it was disabled. */
interface Attempts {
  readonly disabledAt: number;
  readonly refusals: number;
  readonly lastAt: number;
}

const LONGEST_GAP_MS = 24 * 3_600_000;

/** When which key is probed again: after gaps that double with each refusal, up to a day. */
export class RecheckSchedule {
  readonly #attempts = new Map<KeyId, Attempts>();

  /** The keys whose time has come, in the order given. Forgets all others that are not disabled any more. */
  due(disabled: readonly CodeDisabledKey[], intervalMs: number, now: number): readonly CodeDisabledKey[] {
    const disabledAts = new Map(disabled.map(({ id, standing }) => [id, standing.disabledAt]));
    for (const [id, { disabledAt }] of this.#attempts) {
      if (disabledAts.get(id) !== disabledAt) this.#attempts.delete(id);
    }
    const longestMs = Math.max(intervalMs, LONGEST_GAP_MS);
    return disabled.filter((key) => {
      const { refusals, lastAt } = this.#attemptsOf(key);
      return lastAt + Math.min(intervalMs * 2 ** refusals, longestMs) <= now;
    });
  }

  /** Takes note of a probe at `lastAt`; `refused` when Azure itself rejected the key. */
  probed(key: CodeDisabledKey, lastAt: number, refused: boolean): void {
    const { disabledAt, refusals } = this.#attemptsOf(key);
    this.#attempts.set(key.id, { disabledAt, refusals: refusals + (refused ? 1 : 0), lastAt });
  }

  #attemptsOf({ id, standing: { disabledAt } }: CodeDisabledKey): Attempts {
    return this.#attempts.get(id) ?? { disabledAt, refusals: 0, lastAt: disabledAt };
  }
}

export function isDisabledByCode(key: Key): key is CodeDisabledKey {
  return key.standing.status === "disabled" && key.standing.disabledBy === "code";
}
