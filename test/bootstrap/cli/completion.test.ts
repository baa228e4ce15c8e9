import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../../../src/bootstrap/cli/run.ts";
import { WrittenTerminal } from "./written-terminal.ts";

const has = (shell: string) => spawnSync(shell, ["--version"]).error === undefined;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "key-pool-completion-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes the script into a file. */
async function scriptFor(shell: string): Promise<string> {
  const terminal = new WrittenTerminal();
  expect(await run(["completion", shell], {}, terminal)).toBe(0);
  const file = `${folder}/script.${shell}`;
  writeFileSync(file, terminal.written);
  return file;
}

describe.skipIf(!has("bash"))("in bash", () => {
  const complete = async (...words: readonly string[]) => {
    const typed = ["azure-key-pool", ...words].map((word) => `'${word}'`).join(" ");
    const code = `source "$0"; COMP_WORDS=(${typed}); COMP_CWORD=${words.length}; _azure_key_pool; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync("bash", ["--norc", "-c", code, await scriptFor("bash")], {
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    return stdout.trim().split("\n");
  };

  it("is registered by the script", async () => {
    const code = `source "$0"; complete -p azure-key-pool`;
    const { stdout } = spawnSync("bash", ["--norc", "-c", code, await scriptFor("bash")], {
      encoding: "utf8",
    });
    expect(stdout).toBe("complete -F _azure_key_pool azure-key-pool\n");
  });

  it("completes commands, and those below them", async () => {
    expect(await complete("s")).toEqual(["stats", "settings", "serve"]);
    expect(await complete("keys", "e")).toEqual(["enable", "export"]);
    expect(await complete("--url", "http://127.0.0.1:3000", "keys", "imp")).toEqual(["import"]);
    expect(await complete("completion", "")).toEqual(["bash", "zsh", "fish"]);
  });

  it("completes options, and the values of those that take only some", async () => {
    expect(await complete("keys", "list", "--s")).toEqual(["--service", "--status"]);
    expect(await complete("keys", "list", "--service", "t")).toEqual(["translation"]);
    expect(await complete("stats", "--j")).toEqual(["--json"]);
  });

  it("completes files where a file is wanted", async () => {
    writeFileSync(`${folder}/many.csv`, "");
    expect(await complete("keys", "import", `${folder}/many`)).toEqual([`${folder}/many.csv`]);
    expect(await complete("stats", "--token-file", `${folder}/many`)).toEqual([`${folder}/many.csv`]);
  });
});

it.each(["zsh", "fish"])("for %s names every command", async (shell) => {
  const terminal = new WrittenTerminal();
  await run(["completion", shell], {}, terminal);
  for (const word of ["rotate-master-key", "import", "reset", "revoke", "doctor"])
    expect(terminal.written).toMatch(new RegExp(`[ '"]${word}[ :'"]`));
});

it.skipIf(!has("zsh"))("is a script that zsh reads", async () => {
  const { status, stderr } = spawnSync("zsh", ["-n", await scriptFor("zsh")], { encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
});

it.skipIf(!has("fish"))("is a script that fish reads", async () => {
  const { status, stderr } = spawnSync("fish", ["--no-execute", await scriptFor("fish")], {
    encoding: "utf8",
  });
  expect([status, stderr]).toEqual([0, ""]);
});
