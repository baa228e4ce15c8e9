import { type DomainError, storageUnavailable } from "../../domain/index.ts";

/** `busy`: somebody else is in the way and will go. `away`: the storage does not work at the moment. */
export type FaultKind = "busy" | "away";

interface CodedError {
  readonly code: string;
}

function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as Partial<CodedError>;
  return typeof code === "string" ? code : "";
}

const SQLITE_AWAY =
  /^SQLITE_(FULL|IOERR|READONLY|CANTOPEN|CORRUPT|NOTADB|NOMEM|PERM|AUTH|NOLFS|PROTOCOL|INTERRUPT|ABORT|SCHEMA)/;

export function sqliteFault(error: unknown): FaultKind | undefined {
  const code = codeOf(error);
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) return "busy";
  return SQLITE_AWAY.test(code) ? "away" : undefined;
}

/** The error that callers get; its cause says what the storage said. */
export function storageError(error: unknown): DomainError {
  return storageUnavailable(error);
}
