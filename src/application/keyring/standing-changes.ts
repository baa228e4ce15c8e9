import {
  compareStandings,
  type Key,
  type KeyId,
  type KeyLogDraft,
  keyNotFound,
  type Standing,
  sameStanding,
} from "../../domain/index.ts";
import type { CatchingUp } from "./catching-up.ts";
import { type Copies, memberOf, put } from "./copies.ts";
import type { Filling } from "./filling.ts";
import { KeyTurns } from "./key-turns.ts";

/** A decision about a key, with the instant it was true at. */
export interface Decided<D> {
  readonly key: Key;
  readonly decision: D;
  readonly at: number;
}

/** What a rule makes of a standing; it may be asked again. */
export type Decide<D> = (standing: Standing, at: number) => D;

interface Asked<D> extends Decided<D> {
  readonly held: Standing;
}

/** The log row of a change. */
export type EntryOf<D> = (decided: Decided<D>) => KeyLogDraft | null;

interface WithStanding {
  readonly standing: Standing;
}

/** A change that is in force or durable; `settled` says whether it has come to stay once it is both. */
interface Change<D> {
  readonly decided: Decided<D>;
  readonly settled: Promise<boolean>;
}

interface Parts {
  readonly copies: Copies;
  readonly catchingUp: CatchingUp;
  readonly filling: Filling;
}

/** Reads, judges and changes standings in the order of effects. */
export class StandingChanges {
  readonly #copies: Copies;
  readonly #catchingUp: CatchingUp;
  readonly #filling: Filling;
  readonly #turns = new KeyTurns();

  constructor({ copies, catchingUp, filling }: Parts) {
    this.#copies = copies;
    this.#catchingUp = catchingUp;
    this.#filling = filling;
  }

  /** See `Keyring.restrict`. */
  async restrict<D extends WithStanding>(
    id: KeyId,
    decide: Decide<D>,
    entryOf: EntryOf<D>,
  ): Promise<Decided<D>> {
    for (;;) {
      const asked = await this.#ask(id, decide);
      if (this.#changesNothing(asked)) {
        if (await this.#isDurable(asked)) return asked;
        continue;
      }
      // The durable order of a key's changes must be the order of their effects, hence the turn.
      // Of a storm that is one call to the store, and not one for each that was too late.
      const change = await this.#turns.inTurn(id, async (isOvertaken) =>
        isOvertaken ? undefined : this.#applyRestriction(asked, entryOf),
      );
      if (change && (await change.settled)) return change.decided;
    }
  }

  /** See `Keyring.change`. Nobody may build on the old standing while the new one is being written. */
  async change<D extends WithStanding>(
    id: KeyId,
    decide: Decide<D>,
    entryOf: EntryOf<D>,
  ): Promise<Decided<D>> {
    for (;;) {
      const change = await this.#turns.inTurn(id, async (): Promise<Change<D> | undefined> => {
        const asked = await this.#ask(id, decide);
        if (this.#changesNothing(asked)) return { decided: asked, settled: this.#isDurable(asked) };
        const isPermission = asked.decision.standing.generation > asked.held.generation;
        return isPermission ? this.#applyPermission(asked, entryOf) : this.#applyRestriction(asked, entryOf);
      });
      if (change && (await change.settled)) return change.decided;
    }
  }

  /** See `Keyring.permitIfUnchanged`. */
  permitIfUnchanged(
    seen: Key,
    permit: Decide<Standing>,
    entryOf: (at: number) => KeyLogDraft,
  ): Promise<boolean> {
    const { known, repository, writes, notices } = this.#copies;
    const { id, standing: expected, region } = seen;
    return this.#turns.inTurn(id, async () => {
      const { held, decision: next, at } = await this.#ask(id, permit);
      if (!sameStanding(held, expected) || sameStanding(held, next)) return false;
      const durable = await writes.write(id, async () => {
        // A move that was being written has been by now.
        const key = known.get(id);
        if (key?.region !== region) return expected;
        const entry = entryOf(at);
        const settled = await repository.settle(id, next, entry, expected);
        if (sameStanding(settled, next)) notices.changed({ ...key, standing: settled }, entry);
        return settled;
      });
      known.confirm(id, durable);
      await this.raise(id, durable);
      return sameStanding(durable, next);
    });
  }

  /** Writes what the store holds already, unless the database has another standing than `expected` by now. */
  async writeHeld(key: Key, held: Standing, entry: KeyLogDraft, expected: Standing): Promise<void> {
    await this.#copies.writes.write(key.id, () => this.#settle(key, held, entry, expected));
  }

  /** Raises what the store holds to a durable standing, without undoing what it knows better. */
  async raise(id: KeyId, durable: Standing): Promise<void> {
    for (let waitedMs = 0; ; ) {
      const key = this.#copies.known.get(id);
      if (!key) return;
      const seat = { member: memberOf(key), standing: durable };
      const [held] = await this.#copies.store.follow([seat]);
      if (held?.status === "held") return;
      if (held?.status === "unloaded") {
        if (this.#copies.known.get(id)?.region !== key.region) continue;
        // An instance that fills the pool at this moment may have read the database before this was durable.
        return put(this.#copies, [seat]);
      }
      // The key is on its way to another pool; what is durable must not be missing there.
      waitedMs = await this.#catchingUp.lookAgain(key, waitedMs);
    }
  }

  async #ask<D>(id: KeyId, decide: Decide<D>): Promise<Asked<D>> {
    const { known, store } = this.#copies;
    for (let waitedMs = 0; ; ) {
      const key = known.get(id);
      if (!key) throw keyNotFound();
      const held = await store.read(memberOf(key));
      if (held.status === "unloaded") await this.#filling.fill(key);
      else if (held.status === "missing") waitedMs = await this.#catchingUp.lookAgain(key, waitedMs);
      else if (await this.#isTrue(id, held.standing)) {
        const { standing, at } = held;
        return { key, decision: decide(standing, at), at, held: standing };
      }
    }
  }

  /** Compares what the store holds with what is known to be durable; where they disagree, mends the store. */
  async #isTrue(id: KeyId, held: Standing): Promise<boolean> {
    const key = this.#copies.known.get(id);
    if (!key) return false;
    if (held.generation > key.standing.generation) return this.#catchingUp.confirmGeneration(key, held);
    if (compareStandings(held, key.standing) >= 0) return true;
    // The store was emptied, or filled from an older state, since this standing became durable.
    await this.raise(id, key.standing);
    return false;
  }

  #changesNothing<D extends WithStanding>({ decision, held }: Asked<D>): boolean {
    return sameStanding(decision.standing, held);
  }

  /** In force first, then durable. Undefined when another change came first. */
  async #applyRestriction<D extends WithStanding>(
    asked: Asked<D>,
    entryOf: EntryOf<D>,
  ): Promise<Change<D> | undefined> {
    const { store, writes, notices } = this.#copies;
    const { key, decision, held } = asked;
    if (!(await store.replace(memberOf(key), held, decision.standing))) return undefined;
    const settle = () => this.#settle(key, decision.standing, entryOf(asked));
    const settled = writes.writeOrOwe(key.id, settle);
    notices.restricted(key.id, "all", settled);
    return { decided: asked, settled };
  }

  /** Durable first, then in force. */
  async #applyPermission<D extends WithStanding>(asked: Asked<D>, entryOf: EntryOf<D>): Promise<Change<D>> {
    const { key, decision } = asked;
    const settle = () => this.#settle(key, decision.standing, entryOf(asked));
    const settled = await this.#copies.writes.write(key.id, settle);
    return { decided: asked, settled: Promise.resolve(settled) };
  }

  /** False when the key was enabled meanwhile, so that the rule has to be asked again. */
  async #settle(
    key: Key,
    standing: Standing,
    entry: KeyLogDraft | null,
    expected?: Standing,
  ): Promise<boolean> {
    const { known, repository, notices } = this.#copies;
    const { id } = key;
    const durable = await repository.settle(id, standing, entry, expected);
    const hasStayed = durable.generation === standing.generation;
    if (hasStayed) notices.changed({ ...(known.get(id) ?? key), standing: durable }, entry);
    known.confirm(id, durable);
    // Also where it is the same: the store may have been emptied and filled again from before this commit.
    await this.raise(id, durable);
    return hasStayed;
  }

  /** Waits until the standing that the store holds is durable. False when another one is; the store has it then. */
  async #isDurable({ key, held }: Asked<unknown>): Promise<boolean> {
    const durable = await this.#durableOf(key.id, held);
    if (sameStanding(durable, held)) return true;
    await this.raise(key.id, durable);
    return false;
  }

  async #durableOf(id: KeyId, held: Standing): Promise<Standing> {
    const { known, repository, writes } = this.#copies;
    await writes.flush(id);
    const key = known.get(id);
    if (key && sameStanding(key.standing, held)) return held;
    // Another instance decided it, and its news may never come: writing it twice does no harm.
    const durable = await repository.settle(id, held, null);
    known.confirm(id, durable);
    return durable;
  }
}
