import { readFileSync } from "node:fs";
import { CommanderError } from "commander";
import { maskSecretLike } from "../../domain/index.ts";
import { CommandLine } from "./command-line.ts";
import { EXIT, type ExitCode, failureOf } from "./exit-code.ts";
import type { Environment } from "./invocation.ts";
import type { Terminal } from "./output/terminal.ts";
import { createProgram } from "./program.ts";

/** Runs a command; answers what to end with. Rejects with what nobody expects. */
export async function run(
  args: readonly string[],
  environment: Environment,
  terminal: Terminal,
): Promise<ExitCode> {
  const line = new CommandLine(terminal, environment);
  const program = createProgram(line, versionOfPackage(), {
    writeOut: (text) => terminal.paint(text),
    writeErr: (text) => terminal.draw(text),
    outputError: (text, write) => write(withoutSecrets(text)),
  });
  try {
    await program.parseAsync(args.length === 0 ? ["serve"] : args, { from: "user" });
    return line.exitCode;
  } catch (error) {
    // Shown help and the version are what was asked for, unless a command is lacking.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.wrongUse;
    const failure = await failureOf(error, line.url);
    if (failure === undefined) throw error;
    terminal.err(failure.message);
    return failure.exitCode;
  }
}

/** What was typed wrongly is repeated, and may be a URL with a password, a token or a key. */
function withoutSecrets(text: string): string {
  return maskSecretLike(text)
    .replaceAll(/(:\/\/[^\s:/@]*):\S*@/g, "$1:***@")
    .replaceAll(/\bakp_[\w-]+/g, "akp_***");
}

function versionOfPackage(): string {
  return JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")).version;
}
