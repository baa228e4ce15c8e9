import {
  type Announcement,
  type Clock,
  type CooldownStore,
  cleanNote,
  type FieldProblem,
  invalid,
  type Key,
  type KeyDescription,
  type KeyDraft,
  type KeyId,
  type KeyLogDraft,
  type KeyRepository,
  keyNotFound,
  type LeaseStore,
  type Log,
  type Pool,
  type RotationStrategy,
  type Service,
  type Standing,
} from "../../domain/index.ts";
import { CatchingUp } from "./catching-up.ts";
import { type ChangeListeners, ChangeNotices } from "./change-notices.ts";
import type { Copies } from "./copies.ts";
import { DurableWrites } from "./durable-writes.ts";
import { Filling } from "./filling.ts";
import type { PlaceCount } from "./key-census.ts";
import { KnownKeys } from "./known-keys.ts";
import { Leasing } from "./leasing.ts";
import { Looking, type UsableKey } from "./looking.ts";
import { OverlongRests } from "./overlong-rests.ts";
import type { Pause } from "./pause.ts";
import { PlaceChanges } from "./place-changes.ts";
import { Reconciling } from "./reconciling.ts";
import { maskKnownSecrets } from "./secret-words.ts";
import { type Decide, type Decided, StandingChanges } from "./standing-changes.ts";
import { type KeyTurn, type OnNone, type OnTaken, TakingTurns } from "./taking-turns.ts";

export interface KeyringParts extends ChangeListeners {
  readonly clock: Clock;
  readonly store: CooldownStore;
  /** The same store, where it gives leases. */
  readonly leases?: LeaseStore | undefined;
  readonly repository: KeyRepository;
  readonly log: Log;
  /** Tells the other instances, if there are any. */
  readonly announce: (announcement: Announcement) => void;
  readonly pause: Pause;
}

export type { LeftQueues } from "./change-notices.ts";
export type { PlaceCount } from "./key-census.ts";
export type { UsableKey } from "./looking.ts";

/** Adds a key that joins its pool later, together with others. */
export type AddKeyLater = (draft: KeyDraft, entry: KeyLogDraft | null) => Promise<Key>;

/**
 * The one door before the keys. There are three copies of each key, and nothing outside this folder knows them:
 *
 * - **The database** (`KeyRepository`) holds what is durable and is right in the end. Everything that permits,
 *   and every removal, is believed because it is there.
 * - **The cooldown store** (`CooldownStore`) holds whose turn it is and what is true at this instant. Instances
 *   may share it. What it says to restrict a key is believed at once; what it says to permit one is believed
 *   when the database knows of the same generation.
 * - **The known keys** (`KnownKeys`, in this process) hold secrets, descriptions and the last standing known to
 *   be durable, so that neither a hand-out nor a report reads the database.
 *
 * The order of effects:
 *
 * 1. What **restricts** (a cooldown, a disable, leaving a queue, a removal) enters the store first and is then
 *    written. If the storage refuses it, it stays in force and owed (`DurableWrites`), and its caller is refused.
 *    If its instance dies in between, another one writes it (`UnwrittenRestrictions`).
 * 2. What **permits** (adding, enabling, joining a queue) is written first and then enters the store. If the
 *    storage refuses it, it has not happened.
 * 3. Where a write has become durable, it is confirmed in the known keys, announced (`ChangeNotices`), and the
 *    store is raised to it, in case it was emptied and filled again in between.
 *
 * Several processes may place one key at once, and what they tell the store may cross. Each place has a number from
 * the database (`Key.placement`), and the store passes over one that comes after a newer one. In this process the known
 * keys say which key is being removed, so that it joins no queue, or moved, so that nobody else fills a pool with it.
 *
 * Who waits for whom: the writes of one key are done one after the other; a change of a key's standing waits
 * for its turn among those of this process (`KeyTurns`), while a rule that changes nothing is asked without a
 * turn. An answer that rests on a write waits for that write, whichever caller asked for it. Between instances nobody
 * waits: a change of the store is a compare and swap, its loser asks the rule again, and two standings that meet
 * are merged by the domain. Acts for different keys never wait for each other.
 *
 * A copy that is behind catches up in four ways: news from another instance (`learn`), an answer of the store
 * that contradicts what is known, a pool that the store does not know (`Filling`), and `reconcile`, which makes
 * up for all that was lost. Each reads the database; none believes the message itself.
 */
export class Keyring {
  readonly #copies: Copies;
  readonly #catchingUp: CatchingUp;
  readonly #filling: Filling;
  readonly #standings: StandingChanges;
  readonly #places: PlaceChanges;
  readonly #turns: TakingTurns;
  readonly #reconciling: Reconciling;
  readonly #overlongRests: OverlongRests;
  readonly #looking: Looking;
  /** Keys for a time. Undefined where the store gives none. */
  readonly leases: Leasing | undefined;

  constructor({ clock, store, leases, repository, log, announce, pause, ...listeners }: KeyringParts) {
    const notices = new ChangeNotices({ announce, pause, listeners });
    const known = new KnownKeys(listeners.onKnown);
    const copies = { known, store, leases, repository, writes: new DurableWrites(), notices };
    const catchingUp = new CatchingUp(copies, pause);
    const filling = new Filling(copies);
    const standings = new StandingChanges({ copies, catchingUp, filling });
    this.#copies = copies;
    this.#catchingUp = catchingUp;
    this.#filling = filling;
    this.#standings = standings;
    this.#places = new PlaceChanges(copies, catchingUp);
    const turns = new TakingTurns({ copies, catchingUp, filling, standings });
    this.#turns = turns;
    this.leases = leases && new Leasing({ clock, copies, store: leases, catchingUp, filling, turns });
    this.#reconciling = new Reconciling({ copies, catchingUp, standings, clock });
    this.#overlongRests = new OverlongRests({ clock, log, known, standings });
    this.#looking = new Looking(copies);
    clock.onStep?.(() => known.countAnew());
  }

  /** Brings all keys from the database into this process and the store, once and first. Answers how many. */
  fill(): Promise<number> {
    return this.#filling.fillAll();
  }

  /** How many keys of a service this process knows. */
  count(service: Service): number {
    return this.#copies.known.count(service);
  }

  /** How many keys of each service and region have which status at `now`, as far as this process knows. */
  countPlaces(now: number): readonly PlaceCount[] {
    return this.#copies.known.countPlaces(now);
  }

  /** Whether this process knows a key of the service by this secret, without asking the database. */
  knows(service: Service, secret: string): boolean {
    return this.#copies.known.find(service, secret) !== undefined;
  }

  /** By secret; undefined when no key of the service has it. */
  find(service: Service, secret: string): Promise<Key | undefined> {
    return this.#catchingUp.find(service, secret);
  }

  /** The text with every word masked that is a key of the pool, as it is or in another letter case. */
  maskSecrets(text: string): string {
    return maskKnownSecrets(text, this.#copies.known);
  }

  /** A remark about the key with this secret, as it may be logged and shown: no key of the pool, cut to 500 characters. */
  cleanNote(note: string, secret: string): string {
    return cleanNote(note, secret, (text) => this.maskSecrets(text));
  }

  /** A problem for each of the texts, by field, that has a word that is a key of the pool. */
  secretsIn(texts: Readonly<Record<string, string | null | undefined>>): readonly FieldProblem[] {
    return Object.entries(texts)
      .filter(([, text]) => text && this.maskSecrets(text) !== text)
      .map(([field]) => ({ field, message: "must not hold a key of the pool" }));
  }

  /** Refuses texts that will be shown. Throws `invalid_request`. */
  refuseSecrets(texts: Readonly<Record<string, string | null | undefined>>): void {
    const problems = this.secretsIn(texts);
    if (problems.length > 0) throw invalid(...problems);
  }

  byId(id: KeyId): Promise<Key | undefined> {
    return this.#catchingUp.byId(id);
  }

  /** Throws `key_not_found`. */
  async bySecret(service: Service, secret: string): Promise<Key> {
    const key = await this.find(service, secret);
    if (!key) throw keyNotFound();
    return key;
  }

  /** By secret or, where no key has this secret, by numeric id. Throws `key_not_found`. */
  async byReference(service: Service, reference: string): Promise<Key> {
    const bySecret = await this.find(service, reference);
    if (bySecret) return bySecret;
    const byId = /^[1-9]\d{0,14}$/.test(reference) ? await this.byId(Number(reference)) : undefined;
    if (byId?.service !== service) throw keyNotFound();
    return byId;
  }

  /**
   * Takes the next key of the pool; one call to the store. Before the answer, `onTaken` is called with what was taken, or
   * `onNone` when nothing was. Throws `invalid_request` for a region that no key has and that cannot be one.
   */
  take(pool: Pool, rotation: RotationStrategy, onTaken: OnTaken, onNone?: OnNone): Promise<KeyTurn> {
    return this.#turns.take(pool, rotation, onTaken, onNone);
  }

  /** The key if it waits in its pool and may be handed out now, without a turn. Reads the store and not the database. */
  usable(id: KeyId): Promise<UsableKey | undefined> {
    return this.#looking.usable(id);
  }

  /** Looks in the store after keys that somebody has: those that are out of reach there are told to `onRestricted`. */
  look(ids: readonly KeyId[]): Promise<void> {
    return this.#looking.look(ids);
  }

  /**
   * Asks `decide`, a rule that permits nothing, what becomes of the key's standing and applies it, with the log
   * row `entryOf` makes for a change. The rule is asked without a turn, for most codes change nothing, and again
   * whenever another change came first. Resolves once everything the answer rests on is durable. Throws
   * `key_not_found`, `storage_unavailable`.
   */
  restrict<D extends { readonly standing: Standing }>(
    id: KeyId,
    decide: Decide<D>,
    entryOf: (decided: Decided<D>) => KeyLogDraft,
  ): Promise<Decided<D>> {
    return this.#standings.restrict(id, decide, entryOf);
  }

  /**
   * The same for a rule that may permit: it is asked in the key's turn, about what the database says now where that
   * can be reached, because a process that goes on alone may not know that there is something to change.
   */
  async change<D extends { readonly standing: Standing }>(
    key: Key,
    decide: Decide<D>,
    entryOf: (decided: Decided<D>) => KeyLogDraft,
  ): Promise<Decided<D>> {
    await this.#catchingUp.tryToCatchUp(key);
    return this.#standings.change(key.id, decide, entryOf);
  }

  /**
   * Enables the key that `seen` shows, with the log row `entryOf` makes, if it still has that standing and
   * region, here and in the database. False when it has not; then nothing has changed. Throws
   * `key_not_found`, `storage_unavailable`.
   */
  permitIfUnchanged(
    seen: Key,
    permit: Decide<Standing>,
    entryOf: (at: number) => KeyLogDraft,
  ): Promise<boolean> {
    return this.#standings.permitIfUnchanged(seen, permit, entryOf);
  }

  /** Adds a key at the back of its pool. Throws `key_exists`, `storage_unavailable`. */
  add(draft: KeyDraft, entry: KeyLogDraft): Promise<Key> {
    return this.addTogether((add) => add(draft, entry));
  }

  /**
   * Lets `act` add keys that join their pools together and in the order of their ids, once it has ended, however
   * it ends. `add` throws `key_exists`, `storage_unavailable`.
   */
  async addTogether<T>(act: (add: AddKeyLater) => Promise<T>): Promise<T> {
    const added: Key[] = [];
    try {
      return await act(async (draft, entry) => {
        const key = await this.#places.insert(draft, entry);
        added.push(key);
        return key;
      });
    } finally {
      await this.#places.seat(added.toSorted((a, b) => a.id - b.id));
    }
  }

  /**
   * Changes name, region, tag or limit; a key that moves takes its standing along. `entryOf` makes the log row, null
   * for changes that are logged together. Throws `key_not_found`, `storage_unavailable`.
   */
  describe(
    id: KeyId,
    changes: Partial<KeyDescription>,
    entryOf: ((key: Key) => KeyLogDraft) | null,
  ): Promise<Key> {
    return this.#places.describe(id, changes, entryOf);
  }

  /** Takes a key out of its pool and the database. Throws `key_not_found`, `storage_unavailable`. */
  remove(key: Key, entry: KeyLogDraft): Promise<void> {
    return this.#places.remove(key, entry);
  }

  /** Another instance says that it has changed a key: reads it again. */
  async learn(id: KeyId): Promise<void> {
    const key = this.#copies.known.get(id);
    if (key) await this.#catchingUp.catchUp(key);
    else await this.#catchingUp.byId(id);
  }

  /** Compares all keys with the database, for where instances share it. Run it about every five seconds. */
  reconcile(): Promise<void> {
    return this.#reconciling.run();
  }

  /** Cuts the rests that a wrong clock has made longer than they were meant to be. Answers how many. */
  cutOverlongRests(cooldownMs: number): Promise<number> {
    return this.#overlongRests.cut(cooldownMs);
  }

  /** How many keys have changes that the storage has refused so far. */
  get owing(): number {
    return this.#copies.writes.owing;
  }

  /** Tries once more to write what the storage has refused. Answers how many keys still owe. */
  writeOwed(): Promise<number> {
    return this.#copies.writes.flushAll();
  }
}
