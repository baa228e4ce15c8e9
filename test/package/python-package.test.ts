import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { required } from "../servers/found.ts";
import { findPython } from "../servers/python.ts";
import { isLongRun } from "../situations/long-run.ts";
import { ROOT } from "./packed.ts";

const python = required(findPython());

/** From here on the build is the package's own matter: nothing more is fetched. */
const BUILD_TOOLS = ["setuptools>=77"];

const SDIST = "import sys; from setuptools import build_meta; build_meta.build_sdist(sys.argv[1])";

const USE = `
import asyncio, importlib.metadata, pathlib
import azure_key_pool
from azure_key_pool import AsyncKeyPool, KeyPool, Unreachable, RetryPolicy
folder = pathlib.Path(azure_key_pool.__file__).parent
assert "site-packages" in str(folder), folder
assert (folder / "py.typed").exists()
assert importlib.metadata.version("azure-key-pool-client") == azure_key_pool.__version__
try:
    KeyPool("http://127.0.0.1:1/api", retry=RetryPolicy(attempts=1)).get_key()
except Unreachable as error:
    print("installed", error.code)
`;

/** A copy of the sources, for a build writes beside them, and an environment of its own for Python. */
function prepare() {
  const folder = mkdtempSync(join(tmpdir(), "python-package-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [source, out] = [join(folder, "source"), join(folder, "out")];
  cpSync(join(ROOT, "clients/python"), source, {
    recursive: true,
    filter: (path) => !/__pycache__|\.egg-info|\.mypy_cache/.test(path),
  });
  const { PYTHONPATH: _, ...env } = process.env;
  const run = (file: string, args: readonly string[], cwd = folder) =>
    execFileSync(file, args, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  run("server" in python ? python.server : "", ["-m", "venv", join(folder, "venv")]);
  const inVenv = (args: readonly string[], cwd?: string) => run(join(folder, "venv/bin/python"), args, cwd);
  const pip = (...args: readonly string[]) =>
    inVenv(["-m", "pip", "--disable-pip-version-check", "-q", ...args]);
  const newest = (ending: string) => join(out, readdirSync(out).find((name) => name.endsWith(ending)) ?? "");
  return { source, out, inVenv, pip, newest };
}

describe.runIf(isLongRun && "server" in python)("the package of the client in Python", () => {
  it("is built as a wheel and a source distribution, of which either can be installed", () => {
    const { source, out, inVenv, pip, newest } = prepare();
    pip("install", ...BUILD_TOOLS);
    const build = ["wheel", "--no-deps", "--no-index", "--no-build-isolation", "-w", out];
    pip(...build, source);
    inVenv(["-c", SDIST, out], source);
    const wheel = newest(".whl");
    const list = (file: string) => inVenv(["-m", "zipfile", "-l", file]).match(/^\S+\.(py|typed)(?=\s)/gm);
    const files = list(wheel);
    expect(files).toContain("azure_key_pool/py.typed");
    expect(files).toHaveLength(
      readdirSync(join(ROOT, "clients/python/src/azure_key_pool")).filter(isSource).length,
    );
    rmSync(wheel);
    pip(...build, newest(".tar.gz"));
    expect(list(newest(".whl"))).toEqual(files);
    pip("install", "--no-index", newest(".whl"));
    expect(inVenv(["-c", USE])).toBe("installed unreachable\n");
  });

  it("says its types: a strict check finds nothing", () => {
    const { source, inVenv, pip } = prepare();
    pip("install", "mypy");
    expect(inVenv(["-m", "mypy", "--config-file", "pyproject.toml", "src"], source)).toContain(
      "no issues found",
    );
  });
});

function isSource(name: string): boolean {
  return /\.(py|typed)$/.test(name);
}
