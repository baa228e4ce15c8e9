import type { KeyWrites } from "./key-writes.ts";

/** Tries again what the storage has refused. Run it every second and at shutdown. */
export class SettleOwedWrites {
  readonly #writes: KeyWrites;

  constructor(writes: KeyWrites) {
    this.#writes = writes;
  }

  /** Answers how many keys still have something owed. */
  execute(): Promise<number> {
    return this.#writes.settleAll();
  }
}
