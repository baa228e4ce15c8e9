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
import type { KeyTurns } from "./key-turns.ts";
import type { KeyWrites } from "./key-writes.ts";
import { memberOf, type Roster } from "./roster.ts";

/** A decision about a key, with the instant it was true at. */
export interface Decided<D> {
  readonly key: Key;
  readonly decision: D;
  readonly at: number;
}

/** How often to look for a key that somebody is about to seat. Each look is a read of the database. */
const TRIES_BEFORE_SEATING = 50;

type Decide<D> = (standing: Standing, at: number) => D;
type EntryOf<D> = (decided: Decided<D>) => LogDraft;

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
  readonly #turns: KeyTurns;
  readonly #writes: KeyWrites;

  constructor(
    store: CooldownStore,
    repository: KeyRepository,
    roster: Roster,
    lookup: KeyLookup,
    turns: KeyTurns,
    writes: KeyWrites,
  ) {
    this.#store = store;
    this.#repository = repository;
    this.#roster = roster;
    this.#lookup = lookup;
    this.#turns = turns;
    this.#writes = writes;
  }

  /**
   * Asks `decide` what becomes of the key and brings it about, with the log row `entryOf` makes for a change.
   * `decide` may be asked again. Throws `key_not_found`, `storage_unavailable`.
   */
  async change<D extends { readonly standing: Standing }>(
    id: KeyId,
    decide: Decide<D>,
    entryOf: EntryOf<D>,
  ): Promise<Decided<D>> {
    for (;;) {
      const { held, ...decided } = await this.#ask(id, decide);
      if (sameStanding(decided.decision.standing, held)) {
        const durable = await this.#knownDurable(id, held);
        if (sameStanding(durable, held)) return decided;
        await this.#absorb(id, durable);
        continue;
      }
      // The durable order of a key's changes must be the order of their effects, hence the turn.
      const changed = await this.#turns.inTurn(id, () => this.#bringAbout(id, decide, entryOf));
      if (changed && (await changed.written)) return changed.decided;
    }
  }

  /**
   * Enables the key that `seen` shows, with the log row `entryOf` makes, if it still has that standing and
   * region, here and in the database. False when it has not; then nothing has changed. Throws
   * `key_not_found`, `storage_unavailable`.
   */
  permitIfUnchanged(
    seen: Key,
    permit: Decide<Standing>,
    entryOf: (at: number) => LogDraft,
  ): Promise<boolean> {
    const { id, standing: expected, region } = seen;
    return this.#turns.inTurn(id, async () => {
      const { held, decision: next, at } = await this.#ask(id, permit);
      if (!sameStanding(held, expected)) return false;
      const durable = await this.#writes.write(id, async () => {
        // A move that was being written has been by now.
        if (this.#roster.get(id)?.region !== region) return expected;
        return this.#repository.settle(id, next, entryOf(at), expected);
      });
      this.#roster.confirm(id, durable);
      await this.#absorb(id, durable);
      return sameStanding(durable, next);
    });
  }

  async #ask<D>(id: KeyId, decide: Decide<D>): Promise<Decided<D> & { readonly held: Standing }> {
    for (let tries = 1; ; tries++) {
      const key = this.#roster.get(id);
      if (!key) throw keyNotFound();
      const held = await this.#store.read(memberOf(key));
      if (held.status === "held")
        return { key, decision: decide(held.standing, held.at), at: held.at, held: held.standing };
      await this.#lookup.refresh(key, tries % TRIES_BEFORE_SEATING === 0);
    }
  }

  /** Undefined when there is nothing to change any more; `written` tells whether the change came to stay. */
  async #bringAbout<D extends { readonly standing: Standing }>(
    id: KeyId,
    decide: Decide<D>,
    entryOf: EntryOf<D>,
  ): Promise<{ readonly decided: Decided<D>; readonly written: Promise<boolean> } | undefined> {
    for (;;) {
      const { held, ...decided } = await this.#ask(id, decide);
      const next = decided.decision.standing;
      if (sameStanding(next, held)) return undefined;
      const settle = () => this.#settle(id, next, entryOf(decided));
      if (next.generation > held.generation) {
        // Nobody may build on the old standing while the new one is being committed.
        const written = await this.#writes.write(id, settle);
        await this.#absorb(id, this.#roster.get(id)?.standing ?? next);
        return { decided, written: Promise.resolve(written) };
      }
      if (await this.#store.replace(memberOf(decided.key), held, next)) {
        return { decided, written: this.#writes.writeOrOwe(id, settle) };
      }
    }
  }

  /** False when somebody enabled the key meanwhile, so that the rules have to be asked again. */
  async #settle(id: KeyId, standing: Standing, entry: LogDraft): Promise<boolean> {
    const durable = await this.#repository.settle(id, standing, entry);
    this.#roster.confirm(id, durable);
    // Not only where it differs: the store may have been emptied and filled again from before this commit.
    await this.#absorb(id, durable);
    return durable.generation === standing.generation;
  }

  /** Waits until a standing that somebody else has decided is durable. */
  async #knownDurable(id: KeyId, standing: Standing): Promise<Standing> {
    await this.#writes.settle(id);
    const known = this.#roster.get(id)?.standing;
    if (known && sameStanding(known, standing)) return standing;
    // Another instance decided it and has not told, or never will: writing it twice does no harm.
    const durable = await this.#repository.settle(id, standing, null);
    this.#roster.confirm(id, durable);
    return durable;
  }

  /** Brings the store up to what is durable, without undoing what it knows better. */
  async #absorb(id: KeyId, durable: Standing): Promise<void> {
    for (let tries = 1; ; tries++) {
      const key = this.#roster.get(id);
      if (!key) return;
      const held = await this.#store.read(memberOf(key));
      if (held.status !== "held") {
        // The key is on its way to another pool; what is durable must not be missing there.
        await this.#lookup.refresh(key, tries % TRIES_BEFORE_SEATING === 0);
        continue;
      }
      const merged = merge(held.standing, durable);
      if (sameStanding(merged, held.standing)) return;
      if (await this.#store.replace(memberOf(key), held.standing, merged)) return;
    }
  }
}
