import {
  type Key,
  type KeyId,
  REMOVED,
  type Service,
  type Standing,
  sameStanding,
} from "../../domain/index.ts";
import { type Copies, leftFor, memberOf, put, seatOf } from "./copies.ts";
import { isStorageFault } from "./durable-writes.ts";
import type { Pause } from "./pause.ts";

/** How long a key may be missing where it should be before this process seats it. */
const SEATING_PATIENCE_MS = 1_000;
const LOOK_AGAIN_MS = 10;

/** Brings this process' copies of a key up to date with the database, which other instances change too. */
export class CatchingUp {
  readonly #copies: Copies;
  readonly #pause: Pause;

  constructor(copies: Copies, pause: Pause) {
    this.#copies = copies;
    this.#pause = pause;
  }

  /** Finds a key by secret, in the database where this process does not know it. */
  async find(service: Service, secret: string): Promise<Key | undefined> {
    const { known, repository } = this.#copies;
    return known.find(service, secret) ?? this.adopt(await repository.findBySecret(service, secret));
  }

  async byId(id: KeyId): Promise<Key | undefined> {
    const { known, repository } = this.#copies;
    return known.get(id) ?? this.adopt(await repository.get(id));
  }

  /** Takes in a key that another instance has added to its pool, unless this process knows better. */
  async adopt(stored: Key | undefined): Promise<Key | undefined> {
    const key = stored && this.#copies.known.adopt(stored);
    if (key && key === stored) await this.#follow(key);
    return key;
  }

  /** Takes in what others have changed; a key that this process is changing is left alone. */
  async catchUp(key: Key): Promise<void> {
    const { known, repository, writes } = this.#copies;
    if (writes.isBusy(key.id)) return;
    const stored = await repository.get(key.id);
    // What this process is changing is newer than what it has read, and so is what it has changed meanwhile.
    if (writes.isBusy(key.id) || known.get(key.id) !== key) return;
    if (!stored) return this.forget(key);
    if (!differs(key, stored)) return;
    await this.takeIn(key, stored);
  }

  /**
   * Takes in how another instance has described the key. It has seated the key itself, but not in a store that this
   * process has for itself while the shared one is away, and it may have died before.
   */
  async takeIn(key: Key, stored: Key): Promise<void> {
    this.#copies.known.set(stored);
    const isLimitedAnew = stored.region === key.region && stored.maxInFlight !== key.maxInFlight;
    if (isLimitedAnew) await put(this.#copies, [seatOf(stored)]);
    else await this.#follow(stored);
  }

  /** The same where the database can be reached; otherwise things go on by what is known here. */
  async tryToCatchUp(key: Key): Promise<void> {
    try {
      await this.catchUp(key);
    } catch (error) {
      if (!isStorageFault(error)) throw error;
    }
  }

  /**
   * Looks in the database after a key that the store misses where it should be, `waitedMs` after it was first
   * missed. As a rule the instance that added or moved it is about to seat it; if that takes too long it has
   * died, and the key is seated here. Answers how long the key has been waited for since.
   */
  async lookAgain(key: Key, waitedMs: number): Promise<number> {
    const { known, repository } = this.#copies;
    const stored = await repository.get(key.id);
    if (known.get(key.id) !== key) return waitedMs;
    if (!stored) {
      await this.forget(key);
      return waitedMs;
    }
    if (differs(key, stored)) known.set(stored);
    if (stored.region !== key.region) return waitedMs;
    if (waitedMs >= SEATING_PATIENCE_MS) {
      await this.#seat(stored);
      return 0;
    }
    await this.#pause(LOOK_AGAIN_MS);
    return waitedMs + LOOK_AGAIN_MS;
  }

  /** Seats a key that is in no queue, in the place of an instance that has died. */
  async seat(key: Key): Promise<void> {
    const { known, repository } = this.#copies;
    const stored = await repository.get(key.id);
    if (known.get(key.id) !== key) return;
    if (!stored) return this.forget(key);
    known.set(stored);
    await this.#seat(stored);
  }

  async #seat(stored: Key): Promise<void> {
    const { known, repository, store } = this.#copies;
    await put(this.#copies, [seatOf(stored)]);
    // Another instance may have moved, removed or restricted it in the store while it was being put.
    const now = await repository.get(stored.id);
    if (!now) return this.forget(stored);
    if (now.region !== stored.region) await store.drop(leftFor(stored, now.placement));
    else if (!sameStanding(now.standing, stored.standing)) {
      known.confirm(now.id, now.standing);
      await this.#follow(now);
    }
  }

  /**
   * Whether the database knows the generation that the store holds for a key. A standing is raised to another
   * generation in the database first, so one that is only in the store was forged or outlived a restored
   * backup: the store gets the durable standing back. Throws `storage_unavailable`.
   */
  async confirmGeneration(key: Key, held: Standing): Promise<boolean> {
    const { known, repository, store, notices } = this.#copies;
    const stored = await repository.get(key.id);
    if (!stored) {
      await this.forget(key);
      return false;
    }
    known.confirm(key.id, stored.standing);
    if (held.generation <= stored.standing.generation) return true;
    if (await store.replace(memberOf(key), held, stored.standing)) notices.corrected(key.id);
    return false;
  }

  /** The key is gone from the database. */
  async forget(key: Key): Promise<void> {
    this.#copies.known.remove(key.id);
    await this.#copies.store.drop(leftFor(key, REMOVED));
  }

  async #follow(key: Key): Promise<void> {
    await this.#copies.store.follow([seatOf(key)]);
  }
}

/** Whether the database has another key than is known here. */
export function differs(key: Key, stored: Key): boolean {
  return (
    key.placement !== stored.placement ||
    key.region !== stored.region ||
    key.name !== stored.name ||
    key.tag !== stored.tag ||
    key.maxInFlight !== stored.maxInFlight ||
    !sameStanding(key.standing, stored.standing)
  );
}
