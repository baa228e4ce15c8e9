import { spawn } from "node:child_process";
import { once } from "node:events";

export type Attack =
  | "slow-loris"
  | "oversized-headers"
  | "idle-connections"
  | "endless-pipelining"
  | "hanging-uploads"
  | "list-floods"
  | "viewers-list-floods"
  | "failed-logins";

export interface RunningAttack {
  /** Resolves when it is under way. */
  readonly begun: Promise<void>;
  /** How often it was tried: requests, or where these never end, connections. */
  readonly over: Promise<number>;
}

/** Attacks a server from a process of its own, so that what the attackers do does not delay those who are measured. */
export function attack(url: string, name: Attack, milliseconds: number, viewer: string): RunningAttack {
  const args = ["bench/processes/attackers.ts", url, name, String(milliseconds), viewer];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  const begun = Promise.withResolvers<void>();
  child.stdout.on("data", (text: Buffer) => {
    said += text;
    begun.resolve();
  });
  const over = once(child, "close").then(([code]) => {
    if (code !== 0) throw new Error(`The attack ended with ${code}`);
    return Number(said.trim().split("\n").at(-1));
  });
  over.catch(begun.reject);
  return { begun: begun.promise, over };
}
