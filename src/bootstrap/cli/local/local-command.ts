import type { Config } from "../../config.ts";
import type { Say } from "../../open-sealing.ts";
import type { Invocation } from "../invocation.ts";

// What works on the database itself is loaded by the commands that do: it takes ten times as long as the rest.

export async function configOf({ environment }: Invocation): Promise<Config> {
  const { readConfig } = await import("../../config.ts");
  return readConfig(environment);
}

/** Says what a person should know; the standard output is for the answer. */
export function sayTo({ terminal }: Invocation): Say {
  return { info: (message) => terminal.err(message), warn: (message) => terminal.err(message) };
}
