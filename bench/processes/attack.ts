import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { aside } from "./aside.ts";

/** Attacks that just last. */
export type Siege = "slow-loris" | "idle-connections";

/** Attacks of many attempts. */
export type Flood =
  | "oversized-headers"
  | "connection-crowds"
  | "endless-pipelining"
  | "hanging-uploads"
  | "list-floods"
  | "viewers-list-floods"
  | "failed-logins";

export interface Attack {
  readonly name: Siege | Flood;
  /** How many attempts a flood begins in a second, whatever comes of them. Default: as many as it can. */
  readonly perSecond?: number | undefined;
  readonly milliseconds: number;
  /** The token of a viewer. */
  readonly viewer: string;
}

export interface RunningAttack {
  /** Resolves when it is under way. */
  readonly begun: Promise<void>;
  /** How often it was tried. */
  readonly over: Promise<number>;
  /** Resolves when the attackers have hung up and are gone. */
  readonly gone: Promise<void>;
}

/** Attacks a server from a process of its own, so that what the attackers do does not delay those who are measured. */
export function attack(url: string, { name, perSecond, milliseconds, viewer }: Attack): RunningAttack {
  const args = ["bench/processes/attackers.ts", url, name, `${milliseconds}`, viewer, `${perSecond ?? ""}`];
  const [command = "", ...words] = aside([process.execPath, ...args]);
  const child = spawn(command, words, { stdio: ["ignore", "pipe", "inherit"] });
  const begun = Promise.withResolvers<void>();
  const over = Promise.withResolvers<number>();
  createInterface(child.stdout).on("line", (line) => {
    if (line === "attacking") begun.resolve();
    else over.resolve(Number(line));
  });
  const gone = once(child, "close").then(([code]) => {
    if (code !== 0) throw new Error(`The attack ended with ${code}`);
  });
  for (const end of [begun, over]) gone.catch(end.reject);
  // Who awaits one of them hears of it; until then a fault is not unhandled.
  for (const end of [begun.promise, over.promise]) end.catch(() => {});
  return { begun: begun.promise, over: over.promise, gone };
}
