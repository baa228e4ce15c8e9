import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { SERVER_FLAGS } from "../../src/bootstrap/cli/local/serve-command.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

const { scripts } = JSON.parse(read("package.json"));

it("is the same in the image as under npm", () => {
  const [, command = ""] = /^CMD (\[.*\])$/m.exec(read("Dockerfile")) ?? [];
  expect(JSON.parse(command).join(" ")).toBe(scripts.start);
});

it("is the same in development, which starts again on a change", () => {
  expect(scripts.dev).toBe(scripts.start.replace("node ", "node --watch "));
});

it("passes to Node what `azure-key-pool serve` does", () => {
  const flags = scripts.start.split(" ").filter((word: string) => /^--(?!import)/.test(word));
  expect(flags).toEqual(SERVER_FLAGS);
});

describe("on a Node that is too old", () => {
  const OLD = "data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.20.2'})";
  const run = (file: string, ...args: readonly string[]) => {
    const path = fileURLToPath(new URL(`../../src/bootstrap/${file}`, import.meta.url));
    return spawnSync(process.execPath, ["--import", OLD, path, ...args], { encoding: "utf8" });
  };

  it("npm start says which is needed, before Node meets an option that it does not know", () => {
    expect(scripts.prestart).toBe("node src/bootstrap/check-node.mjs");
    expect(scripts.predev).toBe(scripts.prestart);
    const { status, stderr } = run("check-node.mjs");
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/^azure-key-pool needs Node 22\.18\.0 or newer/),
    ]);
  });

  it("so does the command, whatever it was to do", () => {
    const { status, stdout, stderr } = run("azure-key-pool.mjs", "--help");
    expect([status, stdout, stderr]).toEqual([1, "", expect.stringContaining("Install Node 24")]);
  });
});
