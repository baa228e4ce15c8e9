import {
  type Asker,
  budgetExhausted,
  type Clock,
  invalid,
  type Key,
  type Scope,
  type Service,
} from "../../domain/index.ts";
import { known } from "../access/in-scope.ts";
import { type AuditTrail, described, subjectOf } from "../audit/audit-trail.ts";
import type { Keyring } from "../keyring/keyring.ts";

const MINUTE_MS = 60_000;
const MOST_PER_MINUTE = 10;
const MOST_ASKERS = 1000;
const REASON_LENGTH = 500;

export interface Reveal {
  readonly service: Service;
  /** The key's secret or id. */
  readonly reference: string;
  /** For people; 1 to 500 characters. */
  readonly reason: string;
  readonly scope?: Scope | undefined;
  readonly asker: Asker;
}

interface Parts {
  readonly clock: Clock;
  readonly keyring: Keyring;
  readonly trail: AuditTrail;
}

/** Tells an admin a key's secret, once it has been written down who asked and why. */
export class RevealKey {
  readonly #parts: Parts;
  /** When each asker was told a secret in the last minute, by the actor's id. */
  readonly #told = new Map<string, readonly number[]>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Throws `invalid_request`, `key_not_found`, also outside of `scope`; `budget_exhausted` after ten in a minute on
   * this instance; `storage_unavailable` when it could not be written down.
   */
  async execute({ service, reference, reason, scope, asker }: Reveal): Promise<Key> {
    const { keyring, trail } = this.#parts;
    const given = reason.trim();
    if (given === "" || given.length > REASON_LENGTH) {
      throw invalid({ field: "reason", message: `must be 1 to ${REASON_LENGTH} characters` });
    }
    const key = known(await keyring.byReference(service, reference), scope);
    this.#spend(asker.actor.id);
    const before = described(key);
    const after = { reason: keyring.cleanNote(given, key.secret) };
    return trail.around(
      asker,
      { act: "reveal_key", subject: subjectOf(key), before, after },
      async () => key,
    );
  }

  #spend(id: string): void {
    const now = this.#parts.clock.now();
    const told = (this.#told.get(id) ?? []).filter((at) => at > now - MINUTE_MS && at <= now);
    this.#told.delete(id);
    this.#told.set(id, told);
    if (told.length >= MOST_PER_MINUTE) {
      const freeInMs = (told[0] as number) + MINUTE_MS - now;
      throw budgetExhausted("This token has been told enough keys for a minute", freeInMs);
    }
    this.#told.set(id, [...told, now]);
    for (const oldest of this.#told.keys()) {
      if (this.#told.size <= MOST_ASKERS) return;
      this.#told.delete(oldest);
    }
  }
}
