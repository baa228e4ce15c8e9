import { storageUnavailable } from "../../domain/index.ts";
import type { DatabaseErrorCode } from "./database-error.ts";

/** `busy`: another transaction holds what is needed, and will end. `away`: the storage does not work now. */
export type FaultKind = "busy" | "away";

/** What the errors of a driver mean. */
export interface Faults {
  /** What kind of fault of the storage an error is; undefined when the statement itself is at fault. */
  kindOf(error: unknown): FaultKind | undefined;

  /** The error as others may see it, without the values it may quote. */
  cleaned(error: unknown): Error;

  /** What it means where a database is being opened. */
  codeOf(error: unknown): DatabaseErrorCode;
}

/** What a caller of the ports gets to see. */
export function forCaller(error: unknown, faults: Faults): Error {
  const cause = faults.cleaned(error);
  return faults.kindOf(error) === undefined ? cause : storageUnavailable(cause);
}

const SQLITE_AWAY =
  /^SQLITE_(FULL|IOERR|READONLY|CANTOPEN|CORRUPT|NOTADB|NOMEM|PERM|AUTH|NOLFS|PROTOCOL|INTERRUPT|ABORT|SCHEMA)/;
const SQLITE_REFUSES = /^(EACCES|EPERM|EROFS|SQLITE_(READONLY|CANTOPEN|PERM|AUTH))/;

export const SQLITE_FAULTS: Faults = {
  kindOf: (error) => {
    const code = textCode(error);
    if (/^SQLITE_(BUSY|LOCKED)/.test(code)) return "busy";
    return SQLITE_AWAY.test(code) ? "away" : undefined;
  },
  cleaned: (error) => error as Error,
  codeOf: (error) => (SQLITE_REFUSES.test(textCode(error)) ? "refused" : "unusable"),
};

// Connection, resources, intervention by an operator, the system, authorization, no such database, an inner
// fault; and a server that takes reads only, as after a failover.
const POSTGRES_AWAY = /^(08|53|57|58|28|3D|XX|25006|25P03)/;

/** Serialization failure, deadlock, lock not available. */
const POSTGRES_BUSY = new Set(["40001", "40P01", "55P03"]);

/** Authorization, no such database, no such schema, too few rights. */
const POSTGRES_REFUSES = /^(28|3D|3F|42501)/;

export const POSTGRES_FAULTS: Faults = {
  kindOf: postgresFault,
  cleaned: (error) => {
    // The server's details and parameters quote values, secrets among them; the message and code do not.
    const code = textCode(error);
    const message = error instanceof Error && error.message !== "" ? error.message : code;
    return Object.assign(new Error(message), { code });
  },
  codeOf: (error) => {
    if (POSTGRES_REFUSES.test(textCode(error))) return "refused";
    return postgresFault(error) === undefined ? "unusable" : "unreachable";
  },
};

function postgresFault(error: unknown): FaultKind | undefined {
  if (!(error instanceof Error) || error instanceof TypeError) return undefined;
  // Only what the server itself said has a severity; the rest comes from the connection.
  if (!("severity" in error)) return "away";
  const code = textCode(error);
  if (POSTGRES_BUSY.has(code)) return "busy";
  return POSTGRES_AWAY.test(code) ? "away" : undefined;
}

function textCode(error: unknown): string {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === "string" ? code : "";
}
