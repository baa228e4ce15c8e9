import { Agent, request } from "node:http";
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
  let isOver = false;
  const over = meanwhile.finally(() => {
    isOver = true;
  });
  // It is awaited below; until then a fault is not unhandled.
  over.catch(() => {});
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const times: number[] = [];
  try {
    while (!isOver) {
      const startedAt = performance.now();
      await handOut(agent, url, token);
      times.push(performance.now() - startedAt);
    }
    await over;
    return { slowestMs: percentile(times, 100), p99Ms: percentile(times, 99), answered: times.length };
  } finally {
    agent.destroy();
  }
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
