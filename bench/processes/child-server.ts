import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export interface ChildServer {
  readonly url: string;
  readonly pid: number;
  /** Asks it to end, or with SIGKILL does not ask; resolves when it has. */
  stop(signal?: "SIGTERM" | "SIGKILL"): Promise<void>;
}

/** Starts a Node program that tells its `url` in a line of JSON. */
export async function startChildServer(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<ChildServer> {
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const url = await Promise.race([urlFrom(child), endOf(child)]);
  return {
    url,
    pid: child.pid as number,
    stop: async (signal = "SIGTERM") => {
      const ended = child.exitCode !== null || child.signalCode !== null ? undefined : once(child, "exit");
      child.kill(signal);
      await ended;
    },
  };
}

function urlFrom({ stdout }: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    if (stdout === null) return;
    // Goes on reading, or a full pipe would stop the server.
    createInterface(stdout).on("line", (line) => {
      const { url } = line.startsWith("{") ? JSON.parse(line) : {};
      if (url) resolve(url);
    });
  });
}

async function endOf(child: ChildProcess): Promise<never> {
  const [code] = await once(child, "exit");
  throw new Error(`A server ended with ${code} before it served`);
}
