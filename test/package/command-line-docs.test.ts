import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { expect, it } from "vitest";
import { CommandLine } from "../../src/bootstrap/cli/command-line.ts";
import { createProgram } from "../../src/bootstrap/cli/program.ts";
import { run } from "../../src/bootstrap/cli/run.ts";
import { WrittenTerminal } from "../bootstrap/cli/written-terminal.ts";
import { ROOT } from "./packed.ts";

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

/** The words of each command that does something, in the order of the help. */
function commandsOf(command: Command, path: readonly string[] = []): readonly (readonly string[])[] {
  if (command.commands.length === 0) return [path];
  return command.commands.flatMap((one) => commandsOf(one, [...path, one.name()]));
}

const COMMANDS = commandsOf(createProgram(new CommandLine(new WrittenTerminal(), {}), "1"));

/** What a person sees, without the options that every command has. */
async function helpOf(path: readonly string[]): Promise<string> {
  const terminal = new WrittenTerminal();
  await run([...path, "--help"], {}, terminal);
  return terminal.written.replace(/\nGlobal Options:\n( .*\n)+/, "").trimEnd();
}

const blockOf = (help: string) => `\`\`\`text\n${help}\n\`\`\``;

it.each(["docs/command-line.md", "docs/command-line.zh-CN.md"])("%s shows what --help says", async (path) => {
  expect(read(path)).toContain(blockOf(await helpOf([])));
});

it.each(COMMANDS.map((path) => [path.join(" "), path] as const))(
  "docs/command-line.md shows what %s --help says",
  async (name, path) => {
    expect(read("docs/command-line.md")).toContain(`### ${name}\n\n${blockOf(await helpOf(path))}\n`);
  },
);

it("docs/command-line.md shows no command that there is not", () => {
  const shown = Array.from(read("docs/command-line.md").matchAll(/^### (.+)$/gm), ([, name]) => name);
  expect(shown).toEqual(COMMANDS.map((path) => path.join(" ")));
});

it("both languages show the same commands", () => {
  const blocks = (path: string) =>
    Array.from(read(path).matchAll(/^```sh\n([\s\S]*?)^```$/gm), ([, code = ""]) =>
      code.replaceAll(/\s*# .*/g, ""),
    );
  expect(blocks("docs/command-line.zh-CN.md")).toEqual(blocks("docs/command-line.md"));
});

it("examples are commands with options that there are", async () => {
  const lines = ["README.md", "docs/command-line.md"].flatMap((path) =>
    Array.from(
      read(path).matchAll(/\bazure-key-pool ((?:[a-z-]+ ?)+(?:[^\n`|#<]*))/g),
      ([, words = ""]) => words,
    ),
  );
  expect(lines.length).toBeGreaterThan(15);
  for (const words of lines.map((line) => line.trim().split(/\s+/))) {
    const path = COMMANDS.find((one) => one.every((word, index) => words[index] === word));
    if (!path) continue;
    const help = await helpOf(path);
    for (const option of words.filter((word) => /^--[a-z-]+$/.test(word)))
      expect(help, words.join(" ")).toContain(option);
  }
});
