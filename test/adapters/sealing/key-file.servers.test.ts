import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { beforeEach, describe, expect, it } from "vitest";
import { LocalMasterKey, type SealingErrorCode } from "../../../src/adapters/sealing/index.ts";
import { makeKeyFile, readNamedKeyFile, readOwnKeyFile } from "../../../src/adapters/sealing/key-file.ts";
import type { MasterKey } from "../../../src/domain/index.ts";
import { temporaryFolder } from "../mikro-orm/temporary-folder.ts";

const PROGRAM = join(import.meta.dirname, "make-key-file.child.ts");
const NOBODY = 65_534;
const isRoot = process.geteuid?.() === 0;

let home: string;
let path: string;

beforeEach(() => {
  home = temporaryFolder();
  path = join(home, ".config", "azure-key-pool", "0123456789abcdef0123456789abcdef.key");
});

function modeOf(at: string): number {
  return lstatSync(at).mode & 0o777;
}

function refusalOf(act: () => unknown): { readonly code: SealingErrorCode; readonly message: string } {
  try {
    act();
  } catch (error) {
    expect(error).toMatchObject({ name: "SealingError", message: expect.not.stringContaining("\n") });
    return error as { code: SealingErrorCode; message: string };
  }
  throw new Error("It was not refused");
}

async function areSame(one: MasterKey, other: MasterKey): Promise<boolean> {
  return (await other.unwrap(await one.wrap(Buffer.from("keys")))) !== undefined;
}

describe("a key file of our own", () => {
  it("is made with its folders, for the owner alone, whatever the umask", async () => {
    const before = process.umask(0);
    try {
      expect(makeKeyFile(path)).toBe(true);
    } finally {
      process.umask(before);
    }
    expect([path, dirname(path), join(home, ".config")].map(modeOf)).toEqual([0o600, 0o700, 0o700]);
    const masterKey = readOwnKeyFile(path);
    expect(masterKey.name).toBe(path);
    const text = readFileSync(path, "utf8");
    expect(await areSame(masterKey, LocalMasterKey.parse(text.trimEnd(), "the test"))).toBe(true);
    expect(text).toMatch(/^[\w+/]{43}=\n$/);
  });

  it("is alone in its folder", () => {
    makeKeyFile(path);
    expect(readdirSync(dirname(path))).toEqual([expect.stringMatching(/^[0-9a-f]{32}\.key$/)]);
  });

  it("is not made again, whatever is there", () => {
    makeKeyFile(path);
    const text = readFileSync(path, "utf8");
    expect(makeKeyFile(path)).toBe(false);
    expect(readFileSync(path, "utf8")).toBe(text);
    expect(readdirSync(dirname(path))).toHaveLength(1);
  });

  it("is the same for all processes that make it at once", async () => {
    const children = Array.from({ length: 6 }, () => spawn(process.execPath, [PROGRAM, path]));
    const lines = children.map((child) => linesOf(child));
    expect(await Promise.all(lines.map(next))).toEqual(children.map(() => "ready"));
    for (const child of children) child.stdin.end("go\n");
    const results = (await Promise.all(lines.map(next))).map((line) => JSON.parse(line));
    expect(results.filter(({ made }) => made)).toHaveLength(1);
    expect(new Set(results.map(({ hash }) => hash)).size).toBe(1);
    expect(readdirSync(dirname(path))).toHaveLength(1);
  });

  it("is made beside what a killed process left of an attempt", () => {
    makeKeyFile(path);
    const leftover = join(dirname(path), ".leftover");
    renameSync(path, leftover);
    expect(makeKeyFile(path)).toBe(true);
    expect(readFileSync(path, "utf8")).not.toBe(readFileSync(leftover, "utf8"));
  });

  it("that is gone is named, with what to do", () => {
    makeKeyFile(path);
    renameSync(path, `${path}.away`);
    const { code, message } = refusalOf(() => readOwnKeyFile(path));
    expect(code).toBe("no_master_key");
    expect(message).toBe(
      `There is no ${path}; put the master key back there from your copy of it, or name another place with MASTER_KEY_FILE`,
    );
  });

  it.each([0o640, 0o620, 0o610, 0o604, 0o602, 0o601])("with the mode %o is refused", (mode) => {
    makeKeyFile(path);
    chmodSync(path, mode);
    const { code, message } = refusalOf(() => readOwnKeyFile(path));
    expect(code).toBe("unsafe_key_file");
    expect(message).toContain(`chmod 600 ${path}`);
  });

  it.each([0o750, 0o705, 0o770, 0o777])("in a folder with the mode %o is neither made nor read", (mode) => {
    makeKeyFile(path);
    chmodSync(dirname(path), mode);
    for (const act of [() => readOwnKeyFile(path), () => makeKeyFile(`${path}2`)]) {
      const { code, message } = refusalOf(act);
      expect(code).toBe("unsafe_key_file");
      expect(message).toContain(`chmod 700 ${dirname(path)}`);
    }
    expect(readdirSync(dirname(path))).toHaveLength(1);
  });

  it.runIf(isRoot)("of another user is refused, and so is a folder of his", () => {
    makeKeyFile(path);
    chownSync(path, NOBODY, NOBODY);
    expect(refusalOf(() => readOwnKeyFile(path)).message).toContain(`${path} belongs to another user`);
    chownSync(path, 0, 0);
    chownSync(dirname(path), NOBODY, NOBODY);
    expect(refusalOf(() => readOwnKeyFile(path)).message).toContain(
      `${dirname(path)} belongs to another user`,
    );
    expect(refusalOf(() => makeKeyFile(`${path}2`)).code).toBe("unsafe_key_file");
  });

  it("that is a link is refused, and nothing is written where it leads", () => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const elsewhere = join(home, "elsewhere");
    symlinkSync(elsewhere, path);
    expect(makeKeyFile(path)).toBe(false);
    expect(refusalOf(() => readOwnKeyFile(path)).code).toBe("unsafe_key_file");
    writeFileSync(elsewhere, LocalMasterKey.generate(), { mode: 0o600 });
    expect(refusalOf(() => readOwnKeyFile(path)).message).toContain(`${path} is a link`);
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
  });

  it("in a folder that is a link is neither made nor read", () => {
    const elsewhere = join(home, "elsewhere");
    mkdirSync(elsewhere, { mode: 0o700 });
    mkdirSync(dirname(dirname(path)), { mode: 0o700 });
    symlinkSync(elsewhere, dirname(path));
    expect(refusalOf(() => makeKeyFile(path)).code).toBe("unsafe_key_file");
    expect(refusalOf(() => readOwnKeyFile(path)).code).toBe("unsafe_key_file");
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  it("that cannot be made is refused with the system's reason", () => {
    writeFileSync(join(home, ".config"), "");
    const { code, message } = refusalOf(() => makeKeyFile(path));
    expect(code).toBe("bad_key_file");
    expect(message).toMatch(/^The key file cannot be made: E(NOTDIR|EXIST): .*MASTER_KEY_FILE$/);
  });
});

describe("a key file that a person named", () => {
  beforeEach(() => mkdirSync(dirname(path), { recursive: true }));

  it.each(["", "\n", "\r\n"])("may end with %j", async (end) => {
    const text = LocalMasterKey.generate();
    writeFileSync(path, text + end, { mode: 0o600 });
    const { masterKey, isReadableByOthers } = readNamedKeyFile(path);
    expect(await areSame(masterKey, LocalMasterKey.parse(text, "the test"))).toBe(true);
    expect(isReadableByOthers).toBe(false);
  });

  it("may be a link and readable, as secrets in containers are, and says so", () => {
    const mounted = join(home, "mounted");
    writeFileSync(mounted, LocalMasterKey.generate());
    chmodSync(mounted, 0o444);
    symlinkSync(mounted, path);
    expect(readNamedKeyFile(path).isReadableByOthers).toBe(true);
  });

  it.each([0o620, 0o602])("with the mode %o is refused: others could exchange the key", (mode) => {
    writeFileSync(path, LocalMasterKey.generate());
    chmodSync(path, mode);
    expect(refusalOf(() => readNamedKeyFile(path))).toMatchObject({
      code: "unsafe_key_file",
      message: expect.stringContaining(`chmod go-w ${path}`),
    });
  });

  it.each([
    ["nothing", ""],
    ["two lines", `${LocalMasterKey.generate()}\n\n`],
    ["a space before it", ` ${LocalMasterKey.generate()}`],
    ["31 bytes", Buffer.alloc(31).toString("base64")],
    ["raw bytes", Buffer.alloc(32)],
    ["a megabyte", "A".repeat(2 ** 20)],
  ])("with %s is refused, and nothing of it is repeated", (_, content) => {
    writeFileSync(path, content, { mode: 0o600 });
    expect(refusalOf(() => readNamedKeyFile(path))).toMatchObject({
      code: "bad_key_file",
      message: `${path} holds no key: it must be base64 of exactly 32 bytes`,
    });
  });

  it("that is a folder or a pipe is refused at once", () => {
    expect(refusalOf(() => readNamedKeyFile(home)).code).toBe("bad_key_file");
    execFileSync("mkfifo", [path]);
    expect(refusalOf(() => readNamedKeyFile(path))).toMatchObject({ code: "bad_key_file" });
  });

  it("that is not there is named", () => {
    expect(refusalOf(() => readNamedKeyFile(path)).code).toBe("no_master_key");
  });
});

function linesOf(child: ChildProcessWithoutNullStreams): AsyncIterator<string> {
  child.stderr.pipe(process.stderr);
  return createInterface({ input: child.stdout })[Symbol.asyncIterator]();
}

async function next(lines: AsyncIterator<string>): Promise<string> {
  const { value, done } = await lines.next();
  if (done) throw new Error("The child has ended");
  return value;
}
