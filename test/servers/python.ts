import { spawnSync } from "node:child_process";
import { delimiter, join } from "node:path";
import type { Found } from "./found.ts";

/** What the client in Python needs at least. */
const LEAST = 9;

const CHECK = `import sys; sys.exit(sys.version_info < (3, ${LEAST}))`;

let found: Found<string> | undefined;

/** The newest Python 3 by its plain name, or one that says its version. */
export function findPython(): Found<string> {
  found ??= look();
  return found;
}

function look(): Found<string> {
  const names = ["python3", ...[14, 13, 12, 11, 10, 9].map((minor) => `python3.${minor}`)];
  // A name may be there, of a tool that chooses among versions, without the version.
  const name = names.find((name) => spawnSync(name, ["-c", CHECK]).status === 0);
  return name === undefined ? { missing: `there is no python3 of 3.${LEAST} or newer` } : { server: name };
}

/** For a program that uses the client from its sources. */
export function pythonEnvironment(root: string, env: Readonly<Record<string, string>> = {}) {
  const { PATH, TMPDIR, HOME, PYENV_VERSION } = process.env;
  const path = [join(root, "clients/python/src"), join(root, "clients/python")].join(delimiter);
  // What it compiles would lie among the sources.
  return { PATH, TMPDIR, HOME, PYENV_VERSION, PYTHONPATH: path, PYTHONDONTWRITEBYTECODE: "1", ...env };
}
