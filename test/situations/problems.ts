import { DomainError, type FieldProblem } from "../../src/domain/index.ts";

/** The problems of the `invalid_request` that `act` throws; none when it throws nothing. Throws any other error on. */
export function problemsOf(act: () => unknown): readonly FieldProblem[] {
  try {
    act();
  } catch (error) {
    if (error instanceof DomainError && error.code === "invalid_request") return error.problems;
    throw error;
  }
  return [];
}
