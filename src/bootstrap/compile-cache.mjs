// Caches compiled code for the next start. Preloaded and written in JavaScript, so that a start from the cache
// does not load the TypeScript parser: 15 MB less memory.
import { lstatSync, mkdirSync, statSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

const folder = folderOfOurOwn();
if (folder !== undefined) enableCompileCache(folder);

/**
 * Node runs the code that it finds in the cache. Its default folder is in the shared temporary one and belongs to
 * the user who creates it first. Ours may be written and read by this user only; otherwise nothing is cached.
 */
function folderOfOurOwn() {
  try {
    const parent = join(userCache(), "azure-key-pool");
    const folder = join(parent, "compile-cache");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return isOursAlone(parent) && isOursAlone(folder) ? folder : undefined;
  } catch {
    // There is no home, or it cannot be written: the start is slower, nothing else.
    return undefined;
  }
}

function userCache() {
  const { XDG_CACHE_HOME } = process.env;
  // The XDG specification says to ignore a relative path.
  if (XDG_CACHE_HOME !== undefined && isAbsolute(XDG_CACHE_HOME)) return XDG_CACHE_HOME;
  const home = homedir();
  // Not created: a home that is missing is missing on purpose.
  if (!isAbsolute(home) || !statSync(home).isDirectory()) throw new Error("There is no home");
  return join(home, ".cache");
}

function isOursAlone(path) {
  const found = lstatSync(path);
  if (!found.isDirectory()) return false;
  // Windows has no owner and mode; there the profile folder is private.
  return process.getuid === undefined || (found.uid === process.getuid() && (found.mode & 0o077) === 0);
}
