import { CommandFailed, EXIT } from "../exit-code.ts";
import { type Invocation, onlyLineOf, secretIn } from "../invocation.ts";

/** A key from a file, from a pipe, or typed without being shown; never from an argument, which others can see. */
export async function readSecret({ terminal }: Invocation, file: string | undefined): Promise<string> {
  if (file !== undefined && file !== "-") return accepted(secretIn(file, "--key-file"));
  if (file === undefined && terminal.isInputTerminal)
    return accepted((await terminal.askHidden("Key: ")).trim());
  return accepted(onlyLineOf(await terminal.readInput(), "The standard input"));
}

function accepted(secret: string): string {
  if (secret === "") throw new CommandFailed("Nothing was entered", EXIT.wrongUse);
  return secret;
}
