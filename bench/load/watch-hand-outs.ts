import { Agent, request } from "node:http";
import { HAND_OUT } from "../processes/pool-server.ts";

export interface Watched {
  readonly slowestMs: number;
  readonly answered: number;
}

/** Asks for keys over one connection, one after the other without a pause, until `meanwhile` is over. */
export async function watchHandOuts(url: string, meanwhile: Promise<unknown>): Promise<Watched> {
  let isOver = false;
  const over = meanwhile.finally(() => {
    isOver = true;
  });
  // It is awaited below; until then a fault is not unhandled.
  over.catch(() => {});
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let slowestMs = 0;
  let answered = 0;
  try {
    while (!isOver) {
      const startedAt = performance.now();
      await handOut(agent, url);
      slowestMs = Math.max(slowestMs, performance.now() - startedAt);
      answered++;
    }
    await over;
    return { slowestMs, answered };
  } finally {
    agent.destroy();
  }
}

function handOut(agent: Agent, url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(url + HAND_OUT, { agent }, (response) => {
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
