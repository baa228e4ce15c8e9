import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { bundled } from "../servers/bundled-programs.ts";
import { argumentsOf } from "../servers/start-command.ts";
import { isLongRun } from "../situations/long-run.ts";

const DEMO = argumentsOf("demo").map(bundled);

function start(...options: readonly string[]) {
  const child = spawn(process.execPath, [...DEMO, "--brief", ...options], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  return { child, ended: once(child, "close"), output: () => output };
}

describe.concurrent("npm run demo", () => {
  test("shows every transition, stays when asked to, and is ended by Ctrl-C", async ({ expect }) => {
    const { child, ended, output } = start("--stay");
    await expect.poll(output).toContain("Still serving");
    for (const shown of [
      /\d+ of \d+ keys work/,
      /HTTP 401\) → disabled/,
      /HTTP 403\) → disabled/,
      /HTTP 404\) → disabled/,
      /quota_spent: .* → disabled/,
      /HTTP 429, code 429000\) → cooling/,
      /no connection within the deadline → nothing changes/,
      /got 429 → cooling for/,
      /All keys of this pool are cooling down/,
      /recovered by itself after/,
      /got 401 → disabled/,
      /the test says 200/,
      /enabled by hand, back in the pool/,
      /23 keys: \d+ enabled, \d+ cooling, 4 disabled/,
      /cooldown_start .* 429/,
    ]) {
      expect(output()).toMatch(shown);
    }
    child.kill("SIGINT");
    expect(await ended).toEqual([0, null]);
  });

  test.runIf(isLongRun)("ends by itself", async ({ expect }) => {
    const { ended, output } = start();
    expect(await ended).toEqual([0, null]);
    expect(output()).toMatch(/That is all/);
  });
});

/** npm signals the shell that it has started, which ends alone. */
test("ends with npm", async () => {
  const npm = spawn("npm", ["run", "demo", "--", "--brief", "--stay"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  npm.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  await expect.poll(() => output).toContain("Adding keys");
  npm.kill("SIGTERM");
  // The output closes when all have ended that hold its other end.
  await once(npm, "close");
  expect(output).not.toContain("That is all");
});
