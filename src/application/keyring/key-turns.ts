import type { KeyId } from "../../domain/index.ts";

/** Lets those who change one key do so one after the other; different keys do not wait for each other. */
export class KeyTurns {
  readonly #last = new Map<KeyId, Promise<unknown>>();

  async inTurn<T>(id: KeyId, act: () => Promise<T>): Promise<T> {
    const before = this.#last.get(id);
    const mine = before ? before.then(act, act) : act();
    this.#last.set(id, mine);
    try {
      return await mine;
    } finally {
      if (this.#last.get(id) === mine) this.#last.delete(id);
    }
  }
}
