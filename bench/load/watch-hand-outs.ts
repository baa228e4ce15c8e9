import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { HAND_OUT } from "../processes/pool-server.ts";
import { percentile } from "../statistics.ts";

export interface Watched {
  readonly slowestMs: number;
  readonly p99Ms: number;
  readonly answered: number;
}

/** Asks for keys over one connection, one after the other without a pause, until `meanwhile` is over. */
export async function watchHandOuts(
  url: string,
  meanwhile: Promise<unknown>,
  token?: string,
): Promise<Watched> {
  const isOver = ending(meanwhile);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const times: number[] = [];
  try {
    while (!isOver()) times.push(await timed(agent, url, token));
    await meanwhile;
    return watched(times);
  } finally {
    agent.destroy();
  }
}

/**
 * Asks for a key every few milliseconds, answered or not, until `meanwhile` is over. A server that stands still delays
 * all that come in that time, where who waits for each answer would notice it once.
 */
export async function watchSteadily(
  url: string,
  meanwhile: Promise<unknown>,
  token: string,
  everyMs: number,
): Promise<Watched> {
  const isOver = ending(meanwhile);
  const agent = new Agent({ keepAlive: true });
  const asked: Promise<number>[] = [];
  const failed = Promise.withResolvers<never>();
  try {
    while (!isOver()) {
      const time = timed(agent, url, token);
      time.catch(failed.reject);
      asked.push(time);
      await Promise.race([sleep(everyMs), failed.promise]);
    }
    await meanwhile;
    return watched(await Promise.all(asked));
  } finally {
    agent.destroy();
  }
}

function ending(meanwhile: Promise<unknown>): () => boolean {
  let isOver = false;
  const over = meanwhile.finally(() => {
    isOver = true;
  });
  // Who watches awaits it; until then a fault is not unhandled.
  over.catch(() => {});
  return () => isOver;
}

function watched(times: readonly number[]): Watched {
  return { slowestMs: percentile(times, 100), p99Ms: percentile(times, 99), answered: times.length };
}

async function timed(agent: Agent, url: string, token: string | undefined): Promise<number> {
  const startedAt = performance.now();
  await handOut(agent, url, token);
  return performance.now() - startedAt;
}

function handOut(agent: Agent, url: string, token: string | undefined): Promise<void> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    const sent = request(url + HAND_OUT, { agent, headers }, (response) => {
      response.resume();
      response.on("error", reject);
      response.on("end", () =>
        response.statusCode === 200
          ? resolve()
          : reject(new Error(`A hand-out answered ${response.statusCode}`)),
      );
    });
    sent.on("error", reject);
    sent.end();
  });
}
