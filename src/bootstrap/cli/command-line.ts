import type { Command } from "commander";
import type { ExitCode } from "./exit-code.ts";
import { EXIT } from "./exit-code.ts";
import { type Environment, Invocation, type SharedOptions } from "./invocation.ts";
import type { Terminal } from "./output/terminal.ts";

/** What a command does. `args` are its arguments as they were typed. Answers the exit code, if it is not 0. */
export type Act<Options> = (
  invocation: Invocation,
  options: Options,
  args: readonly string[],
) => Promise<ExitCode | undefined> | Promise<void>;

/** The commands of one run of the program. */
export class CommandLine {
  readonly #terminal: Terminal;
  readonly #environment: Environment;
  #exitCode: ExitCode = EXIT.done;
  #url = "the server";

  constructor(terminal: Terminal, environment: Environment) {
    this.#terminal = terminal;
    this.#environment = environment;
  }

  /** What the command has ended with. */
  get exitCode(): ExitCode {
    return this.#exitCode;
  }

  /** The server that the command was about. */
  get url(): string {
    return this.#url;
  }

  does<Options extends object>(command: Command, act: Act<Options>): Command {
    return command.action(async () => {
      const options = command.optsWithGlobals<Options & SharedOptions>();
      const invocation = new Invocation(this.#terminal, this.#environment, options);
      this.#url = invocation.url;
      this.#exitCode = (await act(invocation, options, command.args)) ?? EXIT.done;
    });
  }
}
