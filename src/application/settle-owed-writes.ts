import type { OwedWrites } from "./owed-writes.ts";

/** Tries again what the storage has refused. Run it every second and at shutdown. */
export class SettleOwedWrites {
  readonly #owed: OwedWrites;

  constructor(owed: OwedWrites) {
    this.#owed = owed;
  }

  /** Answers how many keys still have something owed. */
  execute(): Promise<number> {
    return this.#owed.settleAll();
  }
}
