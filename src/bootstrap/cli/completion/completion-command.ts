import type { Command } from "commander";
import type { CommandLine } from "../command-line.ts";
import { CommandFailed, EXIT } from "../exit-code.ts";
import { bashScript } from "./bash-script.ts";
import { completionsOf, SHELLS } from "./completions.ts";
import { fishScript } from "./fish-script.ts";
import { zshScript } from "./zsh-script.ts";

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

export function completionCommand(program: Command, line: CommandLine): void {
  const completion = program
    .command("completion")
    .description("print a script that completes commands and options in a shell")
    .argument("<shell>", SHELLS.join(", "))
    .addHelpText(
      "after",
      `
bash:  azure-key-pool completion bash > ~/.local/share/bash-completion/completions/azure-key-pool
zsh:   azure-key-pool completion zsh > "\${fpath[1]}/_azure-key-pool"
fish:  azure-key-pool completion fish > ~/.config/fish/completions/azure-key-pool.fish`,
    );
  line.does(completion, async ({ terminal }, _options, [shell = ""]) => {
    const known = SHELLS.find((name) => name === shell);
    if (known === undefined) throw new CommandFailed("The shell must be bash, zsh or fish", EXIT.wrongUse);
    terminal.out(SCRIPTS[known](completionsOf(program)));
  });
}
