import { DatabaseError, type DatabaseErrorCode } from "./database-error.ts";
import type { Faults } from "./fault.ts";
import { ThrownBySealing } from "./secrets/open-secrets.ts";

/** Runs `open`. What the driver throws becomes a `DatabaseError` that names the database. */
export async function opening<T>(database: string, faults: Faults, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    if (error instanceof DatabaseError) throw error;
    if (error instanceof ThrownBySealing) throw error.error;
    const code = faults.codeOf(error);
    const cause = faults.cleaned(error);
    throw new DatabaseError(code, `${database} ${SAYS[code]}: ${firstLine(cause)}`, { cause });
  }
}

const SAYS: Record<DatabaseErrorCode, string> = {
  in_use: "is in use",
  refused: "does not open",
  unreachable: "does not answer",
  unusable: "cannot be used",
};

function firstLine({ message, name }: Error): string {
  return message.split("\n", 1)[0] || name;
}
