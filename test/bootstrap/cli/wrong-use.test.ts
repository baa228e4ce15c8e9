import { expect, it } from "vitest";
import { run } from "../../../src/bootstrap/cli/run.ts";
import { WrittenTerminal } from "./written-terminal.ts";

async function refused(words: readonly string[]) {
  const terminal = new WrittenTerminal({ input: "x" });
  const code = await run(words, {}, terminal);
  return { code, out: terminal.written, err: terminal.beside };
}

it.each([
  ["no such command", ["nonsense"], "unknown command 'nonsense'"],
  ["no such option", ["stats", "--nonsense"], "unknown option"],
  ["a command that is not whole", ["keys"], "Usage: azure-key-pool keys"],
  ["an argument that is missing", ["keys", "show"], "missing required argument 'id'"],
  ["an argument too many", ["stats", "now"], "too many arguments"],
  [
    "a service that is none",
    ["keys", "list", "--service", "vision"],
    "Allowed choices are speech, translation",
  ],
  ["a kind that is none", ["keys", "test", "--kind", "vision"], "Allowed choices are synthesis"],
  ["a format that is none", ["keys", "import", "-", "--format", "xml"], "Allowed choices are json"],
  ["a code that is none", ["logs", "--code", "99"], "from 100 to 599"],
  ["a pause that is none", ["watch", "--interval", "soon"], "0.1 to 3600"],
  ["a URL that is none", ["stats", "--url", "nonsense"], "must be http://"],
  ["a token file that is not there", ["stats", "--token-file", "nowhere"], "nowhere cannot be read (ENOENT)"],
  ["a shell that is none", ["completion", "tcsh"], "must be bash, zsh or fish"],
  [
    "a database that is none",
    ["copy-database", "--from", "mysql://x", "--to", "sqlite:y"],
    "must be sqlite:<path>",
  ],
] as const)("ends with 2 for %s, and says so", async (_, words, why) => {
  const { code, out, err } = await refused(words);
  expect([code, out]).toEqual([2, ""]);
  expect(err).toContain(why);
});

it.each<[string, readonly string[], Readonly<Record<string, string>>, string]>([
  ["in an option", ["--to", "postgres://me:hunter2@host/db"], {}, "--to: every user of this machine can see"],
  [
    "in a parameter of an option",
    ["--to", "postgres://host/db?user=me&password=hunter2"],
    {},
    "give it in TO_DATABASE_URL, or in a file that TO_DATABASE_URL_FILE names",
  ],
  [
    "twice",
    ["--to", "sqlite:copy.db"],
    { TO_DATABASE_URL: "postgres://me:hunter2@host/db" },
    "--to: must not be given together with TO_DATABASE_URL",
  ],
  [
    "in a URL that is none",
    [],
    { TO_DATABASE_URL: "mysql://me:hunter2@host/db" },
    "TO_DATABASE_URL: must be sqlite:<path>",
  ],
  ["nowhere", [], {}, "--to or TO_DATABASE_URL must name a database"],
  [
    "in a file that is not there",
    [],
    { TO_DATABASE_URL_FILE: "nowhere" },
    "TO_DATABASE_URL_FILE: nowhere cannot be read (ENOENT)",
  ],
])("copies into no database whose URL is given %s, and repeats no password", async (_, words, env, why) => {
  const terminal = new WrittenTerminal();
  const code = await run(["copy-database", "--from", "sqlite:keys.db", ...words], env, terminal);
  expect([code, terminal.written]).toEqual([2, ""]);
  expect(terminal.beside).toContain(why);
  expect(terminal.beside).not.toContain("hunter2");
});

it("sends no token that is none, and does not repeat it", async () => {
  const terminal = new WrittenTerminal();
  const code = await run(["stats"], { AZURE_KEY_POOL_TOKEN: "two words" }, terminal);
  expect([code, terminal.beside]).toEqual([2, expect.stringContaining("The token is none")]);
  expect(terminal.beside).not.toContain("two words");
});

it("repeats no password, token or key that was typed in the wrong place", async () => {
  const key = "0123456789abcdef0123456789abcdef";
  const token = `akp_0123456789ab_${"x".repeat(49)}`;
  const urls = ["--form=postgres://me:hunter2@host/db", "postgres://me:at@hunter2@host/db"];
  for (const word of [...urls, key, `--key=${key}`, token]) {
    const { code, err } = await refused([word]);
    expect(code).toBe(2);
    expect(err).not.toMatch(/hunter2|0123456789abcdef|xxxx/);
  }
});

it("knows what it ends with for each refusal of a server", async () => {
  const { failureOf } = await import("../../../src/bootstrap/cli/exit-code.ts");
  const { ApiError } = await import("../../../src/adapters/client/index.ts");
  const codeOf = async (code: string, httpStatus?: number) =>
    (await failureOf(new ApiError(code, "said", { httpStatus }), "http://there"))?.exitCode;
  expect(await codeOf("unreachable")).toBe(3);
  expect(await codeOf("timed_out")).toBe(3);
  expect(await codeOf("unexpected_answer", 502)).toBe(3);
  expect(await codeOf("unauthorized", 401)).toBe(4);
  expect(await codeOf("token_required", 403)).toBe(4);
  expect(await codeOf("key_not_found", 404)).toBe(1);
  expect(await failureOf(new Error("a bug"), "http://there")).toBeUndefined();
});
