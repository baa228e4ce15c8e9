import { ApiError } from "../../adapters/client/index.ts";
import { DomainError } from "../../domain/index.ts";

/** What a command ends with. */
export const EXIT = { done: 0, failed: 1, wrongUse: 2, notReached: 3, notAllowed: 4 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_CODES =
  "Exit codes: 0 done, 1 refused or failed, 2 wrong use, 3 server not reached, 4 not allowed.";

/** A command cannot do what it was asked to. The message is for the person at the terminal and holds no secret. */
export class CommandFailed extends Error {
  override readonly name = "CommandFailed";
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = EXIT.failed) {
    super(message);
    this.exitCode = exitCode;
  }
}

export interface Failure {
  readonly message: string;
  readonly exitCode: ExitCode;
}

/** What to say of an error, and what to end with; undefined for one that nobody expects. */
export async function failureOf(error: unknown, url: string): Promise<Failure | undefined> {
  if (error instanceof CommandFailed) return error;
  if (error instanceof ApiError) return failureOfApi(error, url);
  if (error instanceof DomainError) return { message: error.message, exitCode: EXIT.failed };
  // Loaded only here, for it knows all that opens a database.
  const { isEnvironmentError } = await import("../expected-errors.ts");
  return isEnvironmentError(error) ? { message: error.message, exitCode: EXIT.failed } : undefined;
}

const NOT_REACHED: readonly string[] = ["unreachable", "timed_out", "unexpected_answer"];

function failureOfApi({ code, message, httpStatus, requestId, cause }: ApiError, url: string): Failure {
  if (NOT_REACHED.includes(code)) {
    const reason =
      code === "unreachable" ? `${url} does not answer${becauseOf(cause)}` : `${url}: ${message}`;
    return { message: `${reason}. Start a server, or name one with --url`, exitCode: EXIT.notReached };
  }
  if (httpStatus === 401 || httpStatus === 403) {
    const advice = "Name a file with a token in --token-file, or set AZURE_KEY_POOL_TOKEN";
    return { message: `${message}. ${advice}`, exitCode: EXIT.notAllowed };
  }
  const trace = code === "internal" && requestId ? ` (request ${requestId} in the server's log)` : "";
  return { message: `${message}${trace}`, exitCode: EXIT.failed };
}

/** Of what `fetch` throws, the system's own words are in the cause of the cause. */
function becauseOf(cause: unknown): string {
  const inner = cause instanceof Error ? cause.cause : undefined;
  if (!(inner instanceof Error)) return "";
  const { code } = inner as NodeJS.ErrnoException;
  return `: ${inner.message || code || inner.name}`;
}
