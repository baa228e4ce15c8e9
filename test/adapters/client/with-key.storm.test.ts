import { expect, it, onTestFinished } from "vitest";
import { KeyPoolClient, NoKeyError } from "../../../src/adapters/client/index.ts";
import { isLongRun } from "../../situations/long-run.ts";
import { openApi, secretOf } from "../http/open-api.ts";

const CALLS = isLongRun ? 1_000 : 100;
const KEYS = 60;

/** A third of the keys is throttled, a tenth is dead, the others work. */
function codeOf(id: number): number {
  if (id % 10 === 0) return 401;
  return id % 3 === 0 ? 429 : 200;
}

it(`of ${CALLS} calls at once each ends with a working key or says when to come back; no good key is blamed`, async () => {
  const api = await openApi();
  onTestFinished(() => api.close());
  for (let n = 1; n <= KEYS; n++) {
    await api.pool.addKey.execute({ service: "speech", region: "eastasia", secret: secretOf(n) });
  }
  const client = new KeyPoolClient({ baseUrl: `${api.url}/api`, timeoutMs: 300_000 });
  const asked = new Map<number, number>();
  const ends = await Promise.all(
    Array.from({ length: CALLS }, (_, call) =>
      client
        .withKey({ service: "speech" }, async ({ id }) => {
          asked.set(id, (asked.get(id) ?? 0) + 1);
          // One call in seven fails by itself, whichever key it has.
          if (call % 7 === 0 && codeOf(id) === 200) throw new Error("not the key's fault");
          return new Response(null, { status: codeOf(id) });
        })
        .catch((error: unknown) => error),
    ),
  );
  for (const [call, end] of ends.entries()) {
    if (end instanceof Response) expect(end.status).toBe(200);
    else if (end instanceof NoKeyError) expect(end.retryAfterSeconds).toBeGreaterThan(0);
    else expect([call % 7, (end as Error).message]).toEqual([0, "not the key's fault"]);
  }
  expect(ends.filter((end) => end instanceof Response).length).toBeGreaterThan(CALLS / 2);
  const statuses = (await client.listKeys("speech")).map(({ id, status }) => ({ id, status }));
  for (const { id, status } of statuses) {
    const wrong = { 200: "enabled", 401: "disabled", 429: "cooldown" }[codeOf(id)];
    expect([id, status]).toEqual([id, asked.has(id) ? wrong : "enabled"]);
  }
});
