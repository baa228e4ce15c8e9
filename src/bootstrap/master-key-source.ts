import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { LocalMasterKey, MAKE_KEY, type MasterKeySource } from "../adapters/sealing/index.ts";

/** Variables that nothing needs once they are read, and that what this process starts would inherit. */
const SECRET_VARIABLES = ["MASTER_KEY", "MASTER_KEY_FILE"] as const;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * `MASTER_KEY` (base64 of 32 bytes) or `MASTER_KEY_FILE`; with neither a file of our own under
 * `XDG_CONFIG_HOME`, default `~/.config`. What is wrong is added to `problems`, without the value.
 */
export function readMasterKeySource(environment: Environment, problems: string[]): MasterKeySource {
  const text = environment.MASTER_KEY?.trim();
  const path = environment.MASTER_KEY_FILE?.trim();
  const ownFile = { kind: "own-file", folder: join(configHome(environment), "azure-key-pool") } as const;
  if (text && path) {
    problems.push("MASTER_KEY, MASTER_KEY_FILE: must not both be set");
    return ownFile;
  }
  if (path) return { kind: "named-file", path };
  if (!text) return ownFile;
  try {
    return { kind: "given", masterKey: LocalMasterKey.parse(text, "MASTER_KEY") };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    problems.push(`MASTER_KEY: must be base64 of exactly 32 bytes, as ${MAKE_KEY} makes it`);
    return ownFile;
  }
}

/**
 * Takes what is secret out of an environment that was read, so that reports and processes that are started do not
 * get it. The operating system goes on showing the owner and root what the process was started with.
 */
export function forgetSecrets(environment: Record<string, string | undefined>): void {
  for (const name of SECRET_VARIABLES) delete environment[name];
}

function configHome({ XDG_CONFIG_HOME: configured, HOME: home }: Environment): string {
  // The standard says to pass over a path that is not absolute.
  return configured && isAbsolute(configured) ? configured : join(home || homedir(), ".config");
}
