import { type Key, type KeyId, statusAt } from "../../domain/index.ts";
import { type Copies, memberOf } from "./copies.ts";

/** A key that could be handed out `at` an instant. */
export interface UsableKey {
  readonly key: Key;
  readonly at: number;
}

/** Looks of one call that are under way at a time. */
const PORTION = 200;

/** Whether keys that somebody has may still be used, by what is known here and by the store. */
export class Looking {
  readonly #copies: Copies;

  constructor(copies: Copies) {
    this.#copies = copies;
  }

  /** Undefined also for a key that this process does not know, or whose pool the store does not. */
  async usable(id: KeyId): Promise<UsableKey | undefined> {
    const { known, store } = this.#copies;
    const key = known.get(id);
    if (!key) return undefined;
    const held = await store.read(memberOf(key));
    if (held.status !== "held" || held.hasLeft || known.get(id) !== key) return undefined;
    const { standing, at } = held;
    const isUsable = [standing, key.standing].every((one) => statusAt(one, at) === "enabled");
    return isUsable ? { key, at } : undefined;
  }

  /** Notes which of the keys are out of reach in the store, whoever took them out, and whether that is durable or not. */
  async look(ids: readonly KeyId[]): Promise<void> {
    for (let start = 0; start < ids.length; start += PORTION) {
      await Promise.all(ids.slice(start, start + PORTION).map((id) => this.#look(id)));
    }
  }

  async #look(id: KeyId): Promise<void> {
    const { known, store, notices } = this.#copies;
    const key = known.get(id);
    if (!key) return;
    const held = await store.read(memberOf(key));
    // A store that does not know the pool says nothing of the key.
    if (held.status === "unloaded") return;
    const isThere = held.status === "held" && !held.hasLeft;
    if (!isThere || statusAt(held.standing, held.at) !== "enabled") notices.foundRestricted(id);
  }
}
