export type DomainErrorCode =
  | "invalid_request"
  | "key_not_found"
  | "config_not_found"
  | "key_exists"
  | "probe_unavailable"
  | "storage_unavailable";

/** One bad field of a request, named as the caller wrote it. */
export interface FieldProblem {
  readonly field: string;
  readonly message: string;
}

/** A broken rule. Faults of technology are not wrapped in it; they pass through with their `cause`. */
export class DomainError extends Error {
  override readonly name = "DomainError";
  readonly code: DomainErrorCode;
  readonly problems: readonly FieldProblem[];

  constructor(code: DomainErrorCode, message: string, problems: readonly FieldProblem[] = []) {
    super(message);
    this.code = code;
    this.problems = problems;
  }
}

export function invalid(...problems: readonly FieldProblem[]): DomainError {
  const message = problems.map(({ field, message }) => `${field}: ${message}`).join("; ");
  return new DomainError("invalid_request", message, problems);
}

export function keyNotFound(): DomainError {
  return new DomainError("key_not_found", "Key not found");
}

export function isKeyNotFound(error: unknown): boolean {
  return error instanceof DomainError && error.code === "key_not_found";
}

/**
 * The write could not be made durable in time. What restricts a key is in force all the same and will be
 * written later; what permits has not happened.
 */
export function storageUnavailable(cause?: unknown): DomainError {
  const error = new DomainError("storage_unavailable", "Storage is unavailable, try again later");
  if (cause !== undefined) error.cause = cause;
  return error;
}
