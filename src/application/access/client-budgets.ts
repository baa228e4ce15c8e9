import { budgetExhausted, type Clock, DomainError, type KeyId } from "../../domain/index.ts";
import type { SettingsInForce } from "../settings/settings-in-force.ts";
import { RecentKeys } from "./recent-keys.ts";

const HOUR_MS = 3_600_000;
const MOST_CLIENTS = 10_000;
/** At least the last thousand keys of a client are remembered, as many as its budget may be. */
const MOST_KEYS = 1100;
/** Forgotten at a time: to look for the oldest costs more than to take it away. */
const KEYS_FORGOTTEN = 100;

/** What one client did in the last hour. */
interface Ledger {
  /** The keys that were handed to it. */
  readonly handed: RecentKeys;
  /** The keys that it disabled. */
  readonly disabled: RecentKeys;
  /** When a key that was handed to it was last forgotten ahead of its hour. */
  forgotAt: number;
  warnedAt: number;
}

interface Parts {
  readonly clock: Clock;
  readonly settings: SettingsInForce;
  /** Whether all of a client's hand-outs are made here. */
  readonly isAlone: boolean;
  /** Called once an hour for a client that would disable more keys than it may. */
  readonly onOverspent: (client: string, disables: number) => void;
}

/** What tokens of clients may have in an hour. Each instance counts for itself, from its start on. */
export class ClientBudgets {
  readonly #parts: Parts;
  readonly #ledgers = new Map<string, Ledger>();
  /** From when on nothing that was handed out has been forgotten. */
  #wholeSince: number;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#wholeSince = parts.clock.now();
  }

  /**
   * Notes that a key is handed to a client. Throws `budget_exhausted`, and notes nothing, when it would be one more
   * key than the client may have in an hour.
   */
  hand(client: string, id: KeyId, at: number): void {
    this.checkHand(client, id, at);
    const ledger = this.#ledgerOf(client, at);
    const { handed } = ledger;
    if (handed.size >= MOST_KEYS && !handed.has(id)) {
      sweep(handed, at);
      if (handed.size >= MOST_KEYS) {
        ledger.forgotAt = at;
        for (let left = KEYS_FORGOTTEN; left > 0; left--) handed.deleteOldest();
      }
    }
    handed.note(id, at);
  }

  /** Throws as `hand` would, and notes nothing. */
  checkHand(client: string, id: KeyId, at: number): void {
    const handed = this.#ledgers.get(client)?.handed;
    const most = this.#parts.settings.value.clientDistinctKeysPerHour;
    if (handed === undefined || most === 0 || handed.size < most || handed.has(id)) return;
    makeRoom(handed, most, at, "This token has had its keys for an hour");
  }

  /**
   * Throws `forbidden` for a key that was surely not handed to the client in the last hour: not while some of it may
   * have been forgotten or before the start, and not where other instances hand out as well.
   */
  checkReport(client: string, id: KeyId): void {
    const now = this.#parts.clock.now();
    if (!this.#parts.isAlone || now - this.#wholeSince < HOUR_MS) return;
    const ledger = this.#ledgers.get(client);
    if (ledger !== undefined) {
      if (now - ledger.forgotAt < HOUR_MS) return;
      const at = ledger.handed.timeOf(id);
      if (at !== undefined && !isOver(at, now)) return;
    }
    throw new DomainError("forbidden", "This key was not handed to this token in the last hour");
  }

  /**
   * Counts that the client disables a key; once an hour for each key. Throws `budget_exhausted` when it would be one
   * more than it may. Answers what takes the count back.
   */
  disable(client: string, id: KeyId): () => void {
    const { clock, settings, onOverspent } = this.#parts;
    const now = clock.now();
    const ledger = this.#ledgerOf(client, now);
    const { disabled } = ledger;
    const before = disabled.timeOf(id);
    if (before !== undefined && !isOver(before, now)) return () => {};
    disabled.delete(id);
    const most = settings.value.clientDisablesPerHour;
    try {
      if (disabled.size >= most) {
        makeRoom(disabled, most, now, "This token has disabled enough keys for an hour");
      }
    } catch (error) {
      if (isOver(ledger.warnedAt, now)) {
        ledger.warnedAt = now;
        onOverspent(client, disabled.size);
      }
      throw error;
    }
    disabled.note(id, now);
    return () => void disabled.delete(id);
  }

  /** Counts a key that the client has disabled though that was not foreseen. */
  disabled(client: string, id: KeyId): void {
    const now = this.#parts.clock.now();
    this.#ledgerOf(client, now).disabled.note(id, now);
  }

  #ledgerOf(client: string, now: number): Ledger {
    let ledger = this.#ledgers.get(client);
    if (ledger !== undefined) return ledger;
    if (this.#ledgers.size >= MOST_CLIENTS) this.#forgetOldest(now);
    const never = Number.NEGATIVE_INFINITY;
    ledger = { handed: new RecentKeys(), disabled: new RecentKeys(), forgotAt: never, warnedAt: never };
    this.#ledgers.set(client, ledger);
    return ledger;
  }

  #forgetOldest(now: number): void {
    const [oldest = ""] = this.#ledgers.keys();
    this.#ledgers.delete(oldest);
    this.#wholeSince = now;
  }
}

/** Throws `budget_exhausted` until the oldest of what was had in the last hour is over. */
function makeRoom(had: RecentKeys, most: number, now: number, message: string): void {
  sweep(had, now);
  if (had.size < most) return;
  throw budgetExhausted(message, (had.oldest ?? now) + HOUR_MS - now);
}

function sweep(had: RecentKeys, now: number): void {
  while (had.oldest !== undefined && isOver(had.oldest, now)) had.deleteOldest();
}

/** An instant that is to come is of before the clock was set back. */
function isOver(at: number, now: number): boolean {
  return now - at >= HOUR_MS || at > now + HOUR_MS;
}
