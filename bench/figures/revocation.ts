import { makeToken } from "../processes/close-door.ts";
import { inFigures } from "../render-table.ts";
import type { Row } from "../row.ts";
import { median, percentile } from "../statistics.ts";

const PATIENCE_MS = 10_000;

/** How long a token that one instance has revoked is still good at another. Closes the door of both. */
export async function revocation(one: string, other: string, times: number): Promise<Row> {
  const admin = await makeToken(one, { name: "bench", role: "admin" });
  const delays: number[] = [];
  // The first one is not counted: an instance that has just begun may not listen to the news yet.
  for (let n = 0; n <= times; n++) {
    const token = await makeToken(one, { name: `token ${n}`, role: "viewer" }, admin);
    await reached(() => letsIn(other, token), "a new token");
    const headers = { Authorization: `Bearer ${admin}` };
    const [, id] = token.split("_");
    const revoked = await fetch(`${one}/api/tokens/${id}`, { method: "DELETE", headers });
    if (!revoked.ok) throw new Error(`Revoking a token answered ${revoked.status}`);
    await revoked.text();
    const answeredAt = performance.now();
    await reached(async () => !(await letsIn(other, token)), "a revocation");
    if (n > 0) delays.push(performance.now() - answeredAt);
  }
  return {
    figure: "a revoked token, until another instance refuses it, at worst",
    unit: "ms",
    measured: Math.max(...delays),
    demand: { on: "measured", is: "<", goal: 1_000 },
    note: `median ${inFigures(median(delays))}, p99 ${inFigures(percentile(delays, 99))} ms of ${times}`,
  };
}

async function letsIn(url: string, token: string): Promise<boolean> {
  const answer = await fetch(`${url}/api/tokens/self`, { headers: { Authorization: `Bearer ${token}` } });
  await answer.text();
  return answer.ok;
}

async function reached(isSo: () => Promise<boolean>, what: string): Promise<void> {
  const begunAt = performance.now();
  while (!(await isSo())) {
    if (performance.now() - begunAt > PATIENCE_MS) throw new Error(`${what} never came through`);
  }
}
