import {
  type Key,
  type KeyDescription,
  type KeyDraft,
  type KeyId,
  type KeyLogDraft,
  keyNotFound,
  type Lease,
  merge,
  REMOVED,
} from "../../domain/index.ts";
import type { CatchingUp } from "./catching-up.ts";
import type { LeftQueues } from "./change-notices.ts";
import { type Copies, leftFor, memberOf, put, seatOf } from "./copies.ts";
import { isStorageFault } from "./durable-writes.ts";

/** Adds keys, describes them anew, moves them to other pools with their standings, and removes them. */
export class PlaceChanges {
  readonly #copies: Copies;
  readonly #catchingUp: CatchingUp;

  constructor(copies: Copies, catchingUp: CatchingUp) {
    this.#copies = copies;
    this.#catchingUp = catchingUp;
  }

  /** Makes a new key durable. It joins no queue before it is seated. Throws `key_exists`, `storage_unavailable`. */
  async insert(draft: KeyDraft, entry: KeyLogDraft | null): Promise<Key> {
    const key = await this.#copies.repository.add(draft, entry);
    this.#copies.notices.changed(key, entry && { ...entry, keyId: key.id });
    return key;
  }

  /** Lets inserted keys join their pools, in the order given. */
  async seat(inserted: readonly Key[]): Promise<void> {
    const { known } = this.#copies;
    // Another caller may have found one in the database before this, and changed or removed it.
    const seats = inserted.flatMap((key) => known.adopt(key) ?? []).map(seatOf);
    if (seats.length > 0) await put(this.#copies, seats);
  }

  /** See `Keyring.describe`. */
  async describe(
    id: KeyId,
    changes: Partial<KeyDescription>,
    entryOf: ((key: Key) => KeyLogDraft) | null,
  ): Promise<Key> {
    const { writes, notices } = this.#copies;
    if (changes.region === undefined && changes.tag === undefined) {
      return writes.write(id, () => this.#describe(id, changes, entryOf, undefined));
    }
    // Leaving a queue restricts, so it comes before the commit.
    const left = this.#current(id);
    const from = await this.#leave(left, changes);
    const deed = `describe ${JSON.stringify(changes)}`;
    const written = writes.writeOrOwe(id, () => this.#describe(id, changes, entryOf, left), deed);
    if (from !== undefined) notices.restricted(id, from, written);
    return written;
  }

  /** See `Keyring.remove`. */
  async remove(key: Key, entry: KeyLogDraft): Promise<void> {
    const { known, store, repository, writes, notices } = this.#copies;
    const { id } = key;
    known.startLeaving(id);
    try {
      await store.leave(memberOf(key));
    } catch (fault) {
      known.stopLeaving(id);
      throw fault;
    }
    const removal = async () => {
      // It may have been moved, or removed by another caller, while this write waited.
      const last = this.#current(id);
      if (last.region !== key.region) await store.leave(memberOf(last));
      const removedFrom = await repository.remove(id, entry);
      notices.changed(last, entry);
      known.remove(id);
      const drops = [store.drop(leftFor(last, REMOVED))];
      // Another instance has moved it, and the news of that has not come yet.
      if (removedFrom && removedFrom.region !== last.region) {
        drops.push(store.drop(leftFor({ ...last, ...removedFrom }, REMOVED)));
      }
      await Promise.all(drops);
    };
    const written = writes.writeOrOwe(id, removal, "remove");
    notices.restricted(id, "all", written);
    await written;
  }

  /** `left` is the key as it was when it left the queues it is about to lose. */
  async #describe(
    id: KeyId,
    changes: Partial<KeyDescription>,
    entryOf: ((key: Key) => KeyLogDraft) | null,
    left: Key | undefined,
  ): Promise<Key> {
    const { known } = this.#copies;
    for (;;) {
      const before = this.#current(id);
      if (left && (before.region !== left.region || before.tag !== left.tag))
        await this.#leave(before, changes);
      const describe = () => this.#describeAt(before, changes, entryOf);
      const moves = changes.region !== undefined && changes.region !== before.region;
      const updated = await (moves ? known.whileMoving(id, describe) : describe());
      if (updated) return updated;
      // Another instance has moved it and its news has not come yet: nothing was done, and the place was the wrong one.
      await this.#followMove(before);
    }
  }

  /** Undefined when the key is not in that region any more; then nothing was done. */
  async #describeAt(
    before: Key,
    changes: Partial<KeyDescription>,
    entryOf: ((key: Key) => KeyLogDraft) | null,
  ): Promise<Key | undefined> {
    const { known, store, repository, notices } = this.#copies;
    const entry = entryOf?.({ ...before, ...changes }) ?? null;
    const updated = await repository.describe(before.id, changes, entry, before.region);
    if (!updated) return undefined;
    const moves = updated.region !== before.region || updated.tag !== before.tag;
    notices.changed(updated, entry, moves ? before : undefined);
    // From here on reports find the key in its new pool; what the old one learned last comes along.
    known.set(updated);
    const moved = updated.region !== before.region;
    const { standing: last, leases } = moved
      ? await store.drop(leftFor(before, updated.placement))
      : ({ standing: undefined, leases: [] } as const);
    if (moved || updated.tag !== before.tag || updated.maxInFlight !== before.maxInFlight) {
      const standing = last ? merge(updated.standing, last) : updated.standing;
      await put(this.#copies, [{ member: memberOf(updated), standing, leases }]);
      await carryOff(this.#copies, leases, before, updated);
      // What was committed is not refused for this: if it fails, reconciling makes up for it.
      await this.#followMove(updated).catch(ifStorageFault);
    }
    return updated;
  }

  /** Answers what it has left; undefined when it stays where it is. */
  async #leave(key: Key, { region, tag }: Partial<KeyDescription>): Promise<LeftQueues | undefined> {
    const moves = region !== undefined && region !== key.region;
    const from = moves ? "all" : tag !== undefined && tag !== key.tag ? "tag" : undefined;
    if (from !== undefined) await this.#copies.store.leave(memberOf(key), from);
    return from;
  }

  /** Takes in where another instance has placed the key meanwhile, or that it has removed it. */
  async #followMove(key: Key): Promise<void> {
    const { known, store, leases, repository } = this.#copies;
    for (let from = key; ; ) {
      const stored = await repository.get(key.id);
      if (stored?.placement === from.placement) return;
      if (!stored) return this.#catchingUp.forget(from);
      if (stored.region === from.region) return this.#catchingUp.takeIn(from, stored);
      known.set(stored);
      const dropped = await store.drop(leftFor(from, stored.placement));
      if (dropped.leases.length > 0) await leases?.restore(stored, dropped.leases);
      await carryOff(this.#copies, dropped.leases, from, stored);
      const { standing } = dropped;
      if (standing) await store.follow([{ member: memberOf(stored), standing }]);
      from = stored;
    }
  }

  /** Throws `key_not_found`: it may have been removed since it was looked up. */
  #current(id: KeyId): Key {
    const key = this.#copies.known.get(id);
    if (!key) throw keyNotFound();
    return key;
  }
}

/** Takes leases away in the pool that their key has left; they have come along to where it is now. */
async function carryOff(
  { leases: store }: Copies,
  leases: readonly Lease[],
  from: Key,
  to: Key,
): Promise<void> {
  if (!store) return;
  for (const { id } of leases) {
    // Somebody has returned it there meanwhile, and so it is not to run here.
    if (!(await store.carryOff(leftFor(from, to.placement), id))) await store.release(memberOf(to), id);
  }
}

function ifStorageFault(error: unknown): void {
  if (!isStorageFault(error)) throw error;
}
