import { DomainError, type FieldProblem } from "./errors.ts";

/** Collects what several rules refuse, so that a caller learns of all of it at once. */
export class Problems {
  readonly #found: FieldProblem[] = [];

  /** In the order in which they were found. */
  get found(): readonly FieldProblem[] {
    return this.#found;
  }

  add(field: string, message: string): void {
    this.#found.push({ field, message });
  }

  /** The rule's result; undefined when it refuses. */
  attempt<T>(rule: () => T): T | undefined {
    try {
      return rule();
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      this.#found.push(...error.problems);
      return undefined;
    }
  }
}
