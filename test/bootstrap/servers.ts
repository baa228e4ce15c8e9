import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { Api } from "../servers/api.ts";
import { PoolServer, type PoolServerOptions } from "../servers/pool-server.ts";

/** A folder of its own for the running test, removed after it. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "key-pool-server-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A server on a database file, gone after the running test. */
export async function serve(
  file: string,
  { env, ...options }: PoolServerOptions = {},
): Promise<{ readonly server: PoolServer; readonly api: Api }> {
  const server = await PoolServer.start({ ...options, env: { DATABASE_URL: `sqlite:${file}`, ...env } });
  onTestFinished(async () => {
    await server.kill();
  });
  return { server, api: new Api(server) };
}

/** Asks again and again until the answer is the one waited for. */
export async function until<T>(
  ask: () => Promise<T>,
  isIt: (answer: T) => boolean,
  withinMs = 10_000,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (isIt(answer)) return answer;
    if (performance.now() > deadline) throw new Error(`Never came; the last was ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export const secretOf = (name: string | number): string => `secret-of-${name}`.padEnd(32, "~");
