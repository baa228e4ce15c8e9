// Keeps what was compiled for the next start. Preloaded, and no TypeScript itself, so that a start from the
// cache does not even load what strips the types: 15 MB less memory.
import { lstatSync, mkdirSync, statSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

const folder = folderOfOurOwn();
if (folder !== undefined) enableCompileCache(folder);

/**
 * Node runs the code that it finds in the cache. Its own choice, a folder in the shared temporary one, belongs
 * to the user who creates it first; so this one must be ours alone, or there is none.
 */
function folderOfOurOwn() {
  try {
    const parent = join(userCache(), "azure-key-pool");
    const folder = join(parent, "compile-cache");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return isOursAlone(parent) && isOursAlone(folder) ? folder : undefined;
  } catch {
    // No home, or nothing can be written there: the start is slower, that is all.
    return undefined;
  }
}

function userCache() {
  const { XDG_CACHE_HOME } = process.env;
  // A relative path is to be ignored, says the specification.
  if (XDG_CACHE_HOME !== undefined && isAbsolute(XDG_CACHE_HOME)) return XDG_CACHE_HOME;
  const home = homedir();
  // Not created: a home that is missing is missing on purpose.
  if (!isAbsolute(home) || !statSync(home).isDirectory()) throw new Error("There is no home");
  return join(home, ".cache");
}

function isOursAlone(path) {
  const found = lstatSync(path);
  if (!found.isDirectory()) return false;
  // On Windows a profile is its user's by the folder it is in.
  return process.getuid === undefined || (found.uid === process.getuid() && (found.mode & 0o077) === 0);
}
