import { Agent, request } from "node:http";
import type { Figure } from "../bench.ts";
import { HAND_OUT, REPORT, startPoolServer } from "../processes/pool-server.ts";
import { secretOf, seedKeys } from "../seed.ts";

const CALLERS = 200;

/** Each key gets all its 429s at once, every one over a connection of its own. */
export const storm: Figure = async ({ effort, scratchFile }) => {
  const file = scratchFile("storm.db");
  await seedKeys(file, effort.repetitions);
  const server = await startPoolServer(file);
  const agent = new Agent({ keepAlive: true, maxSockets: CALLERS });
  try {
    // The connections are open before the storm, so that nothing spreads it.
    await all(() => send(agent, server.url + HAND_OUT));
    let errors = 0;
    const changes: number[] = [];
    for (let n = 1; n <= effort.repetitions; n++) {
      const body = JSON.stringify({ key: secretOf(n), code: 429 });
      const answers = await all(() => send(agent, server.url + REPORT, body));
      errors += answers.filter(({ status }) => status !== 200).length;
      changes.push(answers.filter(({ text }) => text.includes('"statusChanged":true')).length);
    }
    return [
      {
        figure: `${CALLERS} concurrent 429s for one key: changes`,
        unit: "",
        measured: changes.find((count) => count !== 1) ?? 1,
        errors,
        demand: { on: "measured", is: "=", goal: 1 },
        note: `${errors} errors in ${effort.repetitions} storms`,
      },
    ];
  } finally {
    agent.destroy();
    await server.stop();
  }
};

function all<T>(act: () => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: CALLERS }, act));
}

interface Answer {
  readonly status: number | undefined;
  readonly text: string;
}

function send(agent: Agent, url: string, body?: string): Promise<Answer> {
  return new Promise((resolve) => {
    const failed = (error: Error) => resolve({ status: undefined, text: error.message });
    const headers = { "Content-Type": "application/json", "Content-Length": body?.length ?? 0 };
    const sent = request(url, { agent, ...(body && { method: "POST", headers }) }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode, text }));
      response.on("error", failed);
    });
    sent.on("error", failed);
    sent.end(body);
  });
}
