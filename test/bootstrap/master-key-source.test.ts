import { execFileSync } from "node:child_process";
import { homedir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { LocalMasterKey, type MasterKeySource } from "../../src/adapters/sealing/index.ts";
import { forgetSecrets, readMasterKeySource } from "../../src/bootstrap/master-key-source.ts";

const HOME = "/home/pool";
const OWN_FILE = { kind: "own-file", folder: "/home/pool/.config/azure-key-pool" };

function read(environment: Readonly<Record<string, string>>): MasterKeySource {
  const problems: string[] = [];
  const source = readMasterKeySource({ HOME, ...environment }, problems);
  expect(problems).toEqual([]);
  return source;
}

it.each([
  {},
  { MASTER_KEY: "", MASTER_KEY_FILE: " " },
  { XDG_CONFIG_HOME: "" },
  { XDG_CONFIG_HOME: "config" },
])("is a file of our own in the home with %j", (environment) => {
  expect(read(environment)).toEqual(OWN_FILE);
});

it("is a file of our own where configuration is kept", () => {
  expect(read({ XDG_CONFIG_HOME: "/etc/pool" })).toEqual({
    kind: "own-file",
    folder: "/etc/pool/azure-key-pool",
  });
});

it("finds the home of a user whose environment does not name it", () => {
  expect(read({ HOME: "" })).toEqual({
    kind: "own-file",
    folder: join(homedir(), ".config/azure-key-pool"),
  });
});

it("is the file that was named", () => {
  const path = "/run/secrets/master-key";
  expect(read({ MASTER_KEY_FILE: path })).toEqual({ kind: "named-file", path });
});

it("is the key that was given", async () => {
  const text = LocalMasterKey.generate();
  const source = read({ MASTER_KEY: `${text}\n` });
  if (source.kind !== "given") throw new Error(`It is ${source.kind}`);
  expect(source.masterKey.name).toBe("MASTER_KEY");
  const wrapped = await LocalMasterKey.parse(text, "the test").wrap(Buffer.from("keys"));
  expect(await source.masterKey.unwrap(wrapped)).toEqual(Buffer.from("keys"));
});

it.each([
  [{ MASTER_KEY: "hunter2" }, "MASTER_KEY: must be base64 of exactly 32 bytes, as node -p "],
  [{ MASTER_KEY: Buffer.alloc(16).toString("base64") }, "MASTER_KEY: must be base64 of exactly 32 bytes"],
  [
    { MASTER_KEY: LocalMasterKey.generate(), MASTER_KEY_FILE: "/hunter2" },
    "MASTER_KEY, MASTER_KEY_FILE: must not both be set",
  ],
])("refuses %j by name and repeats no value", (environment, expected) => {
  const problems: string[] = [];
  readMasterKeySource({ HOME, ...environment }, problems);
  expect(problems).toEqual([expect.stringContaining(expected)]);
  for (const value of Object.values(environment)) expect(problems.join()).not.toContain(value);
});

it("leaves no secret to what the process starts, and the rest as it was", () => {
  const script = `
    import { forgetSecrets } from "./src/bootstrap/master-key-source.ts";
    import { execFileSync } from "node:child_process";
    forgetSecrets(process.env);
    process.stdout.write(execFileSync(process.execPath, ["-p", "JSON.stringify(process.env)"]));`;
  const env = { MASTER_KEY: "hunter2", MASTER_KEY_FILE: "/hunter2", PORT: "3000", PATH: process.env.PATH };
  const output = execFileSync(process.execPath, ["--input-type=module-typescript", "--eval", script], {
    cwd: join(import.meta.dirname, "../.."),
    env,
    encoding: "utf8",
  });
  expect(output).not.toContain("hunter2");
  expect(JSON.parse(output)).toMatchObject({ PORT: "3000" });
});

it("is read without a change of the environment, which is made when it is to forget", () => {
  const environment: Record<string, string | undefined> = { MASTER_KEY: "x", PORT: "1" };
  readMasterKeySource(environment, []);
  expect(environment).toEqual({ MASTER_KEY: "x", PORT: "1" });
  forgetSecrets(environment);
  expect(environment).toEqual({ PORT: "1" });
});
