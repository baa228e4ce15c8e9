import type { KeyId, UsageDelta } from "../../domain/index.ts";

const PAGE_SIZE = 64;
// What a storage takes in one transaction, so that a part that failed is not half written.
const PART_SIZE = 500;

/** The counters of neighbouring ids, side by side in memory, so that counting one in use allocates nothing. */
class UsagePage {
  readonly firstId: KeyId;
  // Doubles, because a count that wraps would be lost where nothing writes it for long.
  readonly #uses = new Float64Array(PAGE_SIZE);
  readonly #errors = new Float64Array(PAGE_SIZE);
  /** Holds for the ids that have uses. */
  readonly #lastUsedAt = new Float64Array(PAGE_SIZE);
  isTouched = false;

  constructor(firstId: KeyId) {
    this.firstId = firstId;
  }

  addUses(id: KeyId, uses: number, lastUsedAt: number): void {
    const index = id - this.firstId;
    this.#uses[index] = (this.#uses[index] as number) + uses;
    this.#lastUsedAt[index] = lastUsedAt;
    this.isTouched = true;
  }

  addErrors(id: KeyId, errors: number): void {
    const index = id - this.firstId;
    this.#errors[index] = (this.#errors[index] as number) + errors;
    this.isTouched = true;
  }

  /** Null when there have been no uses. */
  lastUsedAt(id: KeyId): number | null {
    const index = id - this.firstId;
    return this.#uses[index] === 0 ? null : (this.#lastUsedAt[index] as number);
  }

  /** Tells what has been counted; counting starts from zero. */
  drain(): readonly UsageDelta[] {
    const deltas: UsageDelta[] = [];
    for (let index = 0; index < PAGE_SIZE; index++) {
      const id = this.firstId + index;
      const uses = this.#uses[index] as number;
      const errors = this.#errors[index] as number;
      if (uses + errors > 0) deltas.push({ id, uses, errors, lastUsedAt: this.lastUsedAt(id) });
    }
    this.#uses.fill(0);
    this.#errors.fill(0);
    this.isTouched = false;
    return deltas;
  }
}

/** Hand-outs and failed reports, added up in memory until they are written. */
export class UsageCounters {
  readonly #pages = new Map<number, UsagePage>();

  countUse(id: KeyId, at: number): void {
    this.#page(id).addUses(id, 1, at);
  }

  countError(id: KeyId): void {
    this.#page(id).addErrors(id, 1);
  }

  /** Takes what has been counted so far, in parts of at most `PART_SIZE` keys; counting starts from zero. */
  *drain(): Generator<readonly UsageDelta[]> {
    let part: UsageDelta[] = [];
    for (const [number, page] of [...this.#pages]) {
      if (page.isTouched) part.push(...page.drain());
      // Keys that nobody has used since the last time may be gone. Between two parts, another drain may have
      // dropped this page already and new uses may have made the next.
      else if (this.#pages.get(number) === page) this.#pages.delete(number);
      if (part.length <= PART_SIZE - PAGE_SIZE) continue;
      yield part;
      part = [];
    }
    if (part.length > 0) yield part;
  }

  /** Gives back what could not be written. */
  restore(deltas: readonly UsageDelta[]): void {
    for (const { id, uses, errors, lastUsedAt } of deltas) {
      const page = this.#page(id);
      page.addErrors(id, errors);
      // What has been counted meanwhile is newer.
      if (lastUsedAt !== null) page.addUses(id, uses, page.lastUsedAt(id) ?? lastUsedAt);
    }
  }

  #page(id: KeyId): UsagePage {
    const number = Math.floor(id / PAGE_SIZE);
    let page = this.#pages.get(number);
    if (!page) {
      page = new UsagePage(number * PAGE_SIZE);
      this.#pages.set(number, page);
    }
    return page;
  }
}
