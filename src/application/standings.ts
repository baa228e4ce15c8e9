import {
  type CooldownStore,
  type Key,
  type KeyId,
  type KeyRepository,
  keyNotFound,
  type LogDraft,
  merge,
  type Standing,
  sameStanding,
} from "../domain/index.ts";
import type { KeyLookup } from "./key-lookup.ts";
import type { KeyWrites } from "./key-writes.ts";
import { memberOf, type Roster } from "./roster.ts";

/** A decision about a key, with the instant it was true at. */
export interface Decided<D> {
  readonly key: Key;
  readonly decision: D;
  readonly at: number;
}

interface Settling {
  readonly standing: Standing;
  readonly durable: Promise<Standing>;
}

/**
 * Changes standings in the order of effects: what restricts a key is in the cooldown store before it is
 * committed, what permits is committed before it is in the store. Whoever loses a race asks the rules again,
 * and nobody is answered before what the answer rests on is durable.
 */
export class Standings {
  readonly #store: CooldownStore;
  readonly #repository: KeyRepository;
  readonly #roster: Roster;
  readonly #lookup: KeyLookup;
  readonly #writes: KeyWrites;
  readonly #settling = new Map<KeyId, Settling>();

  constructor(
    store: CooldownStore,
    repository: KeyRepository,
    roster: Roster,
    lookup: KeyLookup,
    writes: KeyWrites,
  ) {
    this.#store = store;
    this.#repository = repository;
    this.#roster = roster;
    this.#lookup = lookup;
    this.#writes = writes;
  }

  /**
   * Asks `decide` what becomes of the key and brings it about, with the log row `entryOf` makes for a change.
   * `decide` may be asked again. Throws `key_not_found`, `storage_unavailable`.
   */
  async change<D extends { readonly standing: Standing }>(
    id: KeyId,
    decide: (standing: Standing, at: number) => D,
    entryOf: (decided: Decided<D>) => LogDraft,
  ): Promise<Decided<D>> {
    for (;;) {
      const key = this.#roster.get(id);
      if (!key) throw keyNotFound();
      const held = await this.#store.read(memberOf(key));
      if (!held) {
        await this.#lookup.refresh(key);
        continue;
      }
      const decision = decide(held.standing, held.at);
      const decided = { key, decision, at: held.at };
      const next = decision.standing;
      if (sameStanding(next, held.standing)) {
        const durable = await this.#knownDurable(key, next);
        if (sameStanding(durable, next)) return decided;
        await this.#absorb(id, durable);
        continue;
      }
      if (permits(held.standing, next)) {
        const permitted = await this.#permit(id, decide, entryOf);
        if (permitted) return permitted;
        continue;
      }
      if (!(await this.#store.replace(memberOf(key), held.standing, next))) continue;
      const durable = await this.#restrict(id, next, entryOf(decided));
      if (sameStanding(durable, next)) return decided;
      await this.#absorb(id, durable);
    }
  }

  /** Waits until a standing that somebody else has decided is durable. */
  async #knownDurable(key: Key, standing: Standing): Promise<Standing> {
    const settling = this.#settling.get(key.id);
    if (settling && sameStanding(settling.standing, standing)) return settling.durable;
    await this.#writes.settle(key.id);
    const known = this.#roster.get(key.id)?.standing;
    if (known && sameStanding(known, standing)) return standing;
    // Another instance decided it and has not told, or never will: writing it twice does no harm.
    const durable = await this.#repository.settle(key.id, standing, null);
    this.#roster.confirm(key.id, durable);
    return durable;
  }

  async #restrict(id: KeyId, standing: Standing, entry: LogDraft): Promise<Standing> {
    let durable = standing;
    const written = this.#writes.writeOrOwe(id, async () => {
      durable = await this.#repository.settle(id, standing, entry);
      this.#roster.confirm(id, durable);
    });
    const settling = { standing, durable: written.then(() => durable) };
    this.#settling.set(id, settling);
    try {
      return await settling.durable;
    } finally {
      if (this.#settling.get(id) === settling) this.#settling.delete(id);
    }
  }

  /** Decides anew in the key's turn, so that of many who permit at once one does and logs it. */
  async #permit<D extends { readonly standing: Standing }>(
    id: KeyId,
    decide: (standing: Standing, at: number) => D,
    entryOf: (decided: Decided<D>) => LogDraft,
  ): Promise<Decided<D> | undefined> {
    let permitted: Decided<D> | undefined;
    await this.#writes.write(id, async () => {
      const key = this.#roster.get(id);
      const held = key && (await this.#store.read(memberOf(key)));
      if (!key || !held) return;
      const decided = { key, decision: decide(held.standing, held.at), at: held.at };
      const next = decided.decision.standing;
      if (!permits(held.standing, next)) return;
      const durable = await this.#repository.settle(id, next, entryOf(decided));
      this.#roster.confirm(id, durable);
      await this.#absorb(id, durable);
      if (sameStanding(durable, next)) permitted = decided;
    });
    return permitted;
  }

  /** Brings the store up to what is durable, without undoing what it knows better. */
  async #absorb(id: KeyId, durable: Standing): Promise<void> {
    for (;;) {
      const key = this.#roster.get(id);
      if (!key) return;
      const held = await this.#store.read(memberOf(key));
      if (!held) {
        // The key is on its way to another pool; what is durable must not be missing there.
        await this.#lookup.refresh(key);
        continue;
      }
      const merged = merge(held.standing, durable);
      if (sameStanding(merged, held.standing)) return;
      if (await this.#store.replace(memberOf(key), held.standing, merged)) return;
    }
  }
}

function permits(standing: Standing, next: Standing): boolean {
  return next.generation > standing.generation;
}
