/** Which rule was broken, for programs. */
export type DomainErrorCode =
  | "invalid_request"
  | "key_not_found"
  | "setting_not_found"
  | "token_not_found"
  | "lease_not_found"
  | "key_exists"
  /** The keys of this place are not the caller's to add or to move to. */
  | "forbidden"
  | "probe_unavailable"
  | "storage_unavailable"
  /** Too many of the kind are under way or waiting; the same may be asked again soon. */
  | "busy"
  /** The caller has had what he may have in a time; `retryAfterMs` says when there is more. */
  | "budget_exhausted";

/** One bad field. Named in the domain's words, such as `secret`; an edge puts its own name for it. */
export interface FieldProblem {
  readonly field: string;
  /** What the field must be. Never repeats its value, which may be a secret. */
  readonly message: string;
}

/** A broken rule. Faults of technology are not wrapped in it; they pass through with their `cause`. */
export class DomainError extends Error {
  override readonly name = "DomainError";
  readonly code: DomainErrorCode;
  /** Every bad field of `invalid_request`; empty for the other codes. */
  readonly problems: readonly FieldProblem[];
  /** After how many milliseconds it is worth trying again, where that is known. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: DomainErrorCode,
    message: string,
    problems: readonly FieldProblem[] = [],
    retryAfterMs?: number,
  ) {
    super(message);
    this.code = code;
    this.problems = problems;
    this.retryAfterMs = retryAfterMs;
  }
}

/** `invalid_request` with its problems, in the order given. */
export function invalid(...problems: readonly FieldProblem[]): DomainError {
  return new DomainError("invalid_request", describeProblems(problems), problems);
}

/** All problems in one line for people, such as `region: is required; tag: must be …`. */
export function describeProblems(problems: readonly FieldProblem[]): string {
  return problems.map(({ field, message }) => `${field}: ${message}`).join("; ");
}

/** `key_not_found`: no key of the service has this secret or id. */
export function keyNotFound(): DomainError {
  return new DomainError("key_not_found", "Key not found");
}

/** Whether an error of any kind is `key_not_found`. */
export function isKeyNotFound(error: unknown): boolean {
  return error instanceof DomainError && error.code === "key_not_found";
}

/** `setting_not_found`: no setting of this name is stored. */
export function settingNotFound(): DomainError {
  return new DomainError("setting_not_found", "Setting not found");
}

/** `token_not_found`: no token has this id. */
export function tokenNotFound(): DomainError {
  return new DomainError("token_not_found", "Token not found");
}

/** `lease_not_found`: it has run out or was returned, or never was. */
export function leaseNotFound(): DomainError {
  return new DomainError("lease_not_found", "Lease not found: it has run out or was returned");
}

/** `forbidden`: a key would be, or go, where the caller's scope does not reach. */
export function outOfScope(): DomainError {
  return new DomainError("forbidden", "This place is outside of the token's scope");
}

/** `budget_exhausted`, until so many milliseconds from now. */
export function budgetExhausted(message: string, retryAfterMs: number): DomainError {
  return new DomainError("budget_exhausted", message, [], retryAfterMs);
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
