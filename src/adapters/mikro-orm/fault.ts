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

// Connection, resources, intervention by an operator, the system, authorization, no such database, an inner
// fault; and a server that takes reads only, as after a failover.
const POSTGRES_AWAY = /^(08|53|57|58|28|3D|XX|25006|25P03)/;

/** Serialization failure, deadlock, lock not available. */
const POSTGRES_BUSY = new Set(["40001", "40P01", "55P03"]);

export function postgresFault(error: unknown): FaultKind | undefined {
  if (!(error instanceof Error) || error instanceof TypeError) return undefined;
  // Only what the server itself said has a severity; the rest comes from the connection.
  if (!("severity" in error)) return "away";
  const code = codeOf(error);
  if (POSTGRES_BUSY.has(code)) return "busy";
  return POSTGRES_AWAY.test(code) ? "away" : undefined;
}

/** The server's details and parameters quote values, secrets among them; the message and code do not. */
export function withoutValues(error: unknown): Error {
  const code = codeOf(error);
  const message = error instanceof Error && error.message !== "" ? error.message : code;
  return Object.assign(new Error(message), { code });
}
