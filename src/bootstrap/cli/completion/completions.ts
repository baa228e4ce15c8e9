import { type Command, Option } from "commander";

export const SHELLS = ["bash", "zsh", "fish"] as const;

/** What may stand behind a command's words. */
export interface Completions {
  /** The words that lead here, without the program's name. */
  readonly path: readonly string[];
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly {
    readonly flags: readonly string[];
    readonly description: string;
    readonly takesValue: boolean;
    /** The values it takes, where it takes only some. */
    readonly values: readonly string[];
  }[];
  /** What an argument may be, where it may be only some. */
  readonly words: readonly string[];
}

/** Of each command, from the command table itself. */
export function completionsOf(program: Command): readonly Completions[] {
  const shared = [...program.options, new Option("-h, --help", "display help for command")];
  const all: Completions[] = [];
  const visit = (command: Command, path: readonly string[]) => {
    const options = command === program ? shared : [...command.options, ...shared];
    all.push({
      path,
      commands: command.commands.map((one) => ({ name: one.name(), description: one.description() })),
      options: options.map(({ short, long, description, required, argChoices }) => ({
        flags: [short, long].filter((flag) => flag !== undefined && flag !== null),
        description,
        takesValue: required,
        values: argChoices ?? [],
      })),
      words: path.join(" ") === "completion" ? SHELLS : [],
    });
    for (const one of command.commands) visit(one, [...path, one.name()]);
  };
  visit(program, []);
  return all;
}
