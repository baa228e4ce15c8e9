import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, onTestFinished } from "vitest";
import { isEnvironmentError } from "../../src/bootstrap/expected-errors.ts";
import { readConfig, type ServerOptions, startServer } from "../../src/bootstrap/index.ts";
import { Api } from "../servers/api.ts";
import {
  type LogLine,
  PoolServer,
  type PoolServerOptions,
  SERVER_ENVIRONMENT,
} from "../servers/pool-server.ts";

/** Runs something at the end of the running test, or with `afterAll`, of the file. */
type AtTheEnd = (run: () => void | Promise<void>) => void;

/**
 * What is to run at the end of the file, or of the group it is called in, the last first. For what is opened inside of a
 * hook, where another hook would not run.
 */
export function endsOfGroup(): AtTheEnd {
  const ends: (() => void | Promise<void>)[] = [];
  afterAll(async () => {
    for (const end of ends.toReversed()) await end();
  });
  return (end) => void ends.push(end);
}

/** A folder of its own, removed at the end. */
export function scratchFolder(atTheEnd: AtTheEnd = onTestFinished): string {
  const folder = mkdtempSync(join(tmpdir(), "key-pool-server-"));
  atTheEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A server on a database file, gone at the end. */
export async function serve(
  file: string,
  { env, ...options }: PoolServerOptions = {},
  atTheEnd: AtTheEnd = onTestFinished,
): Promise<{ readonly server: PoolServer; readonly api: Api }> {
  const server = await PoolServer.start({ ...options, env: { DATABASE_URL: `sqlite:${file}`, ...env } });
  atTheEnd(async () => {
    await server.kill();
  });
  return { server, api: new Api(server) };
}

/** A server in the process of the test. */
export interface ServerHere {
  readonly url: string;
  readonly log: readonly LogLine[];
  /** May be called again. */
  stop(): Promise<void>;
}

export interface Served {
  readonly server: ServerHere;
  readonly api: Api;
}

/**
 * The whole server, as its process starts it, gone at the end. It takes a tenth of what a process takes, so it is for
 * every test that is not about one: its exit, signals, output, environment, or others beside it.
 */
export async function serveHere(
  env: Readonly<Record<string, string>>,
  atTheEnd: AtTheEnd = onTestFinished,
  adapt?: ServerOptions["adapt"],
): Promise<Served> {
  return launchHere(env, atTheEnd, adapt).served;
}

/** The same for a test that looks at its log before it serves, if it ever does. */
export function launchHere(
  env: Readonly<Record<string, string>>,
  atTheEnd: AtTheEnd = onTestFinished,
  adapt?: ServerOptions["adapt"],
): { readonly log: readonly LogLine[]; readonly served: Promise<Served> } {
  const config = readConfig({ ...SERVER_ENVIRONMENT, ...env });
  const log: LogLine[] = [];
  const logger = pino({ level: config.logLevel }, { write: (line) => void log.push(JSON.parse(line)) });
  const served = startServer({ config, logger, version: "1.2.3", ...(adapt && { adapt }) }).then(
    ({ url, stop }) => {
      let stopped: Promise<void> | undefined;
      const server: ServerHere = {
        url,
        log,
        stop: () => {
          stopped ??= stop();
          return stopped;
        },
      };
      return { server, api: new Api(server) };
    },
  );
  atTheEnd(() =>
    served.then(
      ({ server }) => server.stop(),
      () => {},
    ),
  );
  return { log, served };
}

/** Why a server in this process does not start. */
export function refusedHere(env: Readonly<Record<string, string>>): Promise<string> {
  return refusalOf(serveHere(env));
}

/** Of such an error a process prints the message, and no stack. */
export async function refusalOf(served: Promise<Served>): Promise<string> {
  const error: unknown = await served.then(
    () => new Error("It started"),
    (error: unknown) => error,
  );
  if (!isEnvironmentError(error)) throw error;
  return error.message;
}

/** How far a server's clock, which counts on by itself, may be from the one that a test reads. */
export const CLOCKS_APART_MS = 100;

/** Asking without a pause would take the processor from the server that is asked. */
const BETWEEN_ASKS_MS = 20;

/** Asks again and again until the answer is the one waited for. */
export async function until<T>(
  ask: () => Promise<T>,
  isIt: (answer: T) => boolean,
  withinMs = 240_000,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (isIt(answer)) return answer;
    if (performance.now() > deadline) throw new Error(`Never came; the last was ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_ASKS_MS));
  }
}

export const secretOf = (name: string | number): string => `secret-of-${name}`.padEnd(32, "~");
