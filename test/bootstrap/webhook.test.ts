import { expect, it } from "vitest";
import { SystemClock } from "../../src/adapters/in-memory/index.ts";
import { CLOCK } from "../../src/bootstrap/index.ts";
import { openReceiver } from "../adapters/webhook/receiver.ts";
import { scratchFolder, secretOf, serveHere } from "./servers.ts";

const FEW_MINUTES_MS = 300_000;

it("a server posts that a key died, and that a pool is empty and well again", async () => {
  const { url, got, received } = await openReceiver();
  const clock = new SystemClock();
  let aheadMs = 0;
  const { server, api } = await serveHere(
    { DATABASE_URL: `sqlite:${scratchFolder()}/keys.db`, WEBHOOK_URL: url, WEBHOOK_LOW_POOL: "1" },
    undefined,
    (container) => void container.rebind(CLOCK).toConstantValue({ now: () => clock.now() + aheadMs }),
  );
  const [first, second] = [secretOf("first"), secretOf("second")];
  await api.add(first, "eastasia", { keyname: "the first" });
  await api.add(second, "eastasia", { keyname: "the second" });

  /** The messages of one kind, once there are so many. */
  const told = async (kind: string, count: number) => {
    for (;;) {
      const messages = received.filter(({ event }) => event === kind);
      if (messages.length >= count) return messages;
      await got(received.length + 1);
    }
  };

  for (const code of [401, 401, 403]) expect((await api.report(first, code)).status).toBe(200);
  await api.report(second, 403);
  const pool = { service: "speech", region: "eastasia" };
  expect(await told("pool_empty", 1)).toMatchObject([{ ...pool, usable: 0, total: 2 }]);
  expect(await told("key_disabled", 2)).toMatchObject([
    { ...pool, keyname: "the first", code: 401 },
    { ...pool, keyname: "the second", code: 403 },
  ]);
  for (const key of [first, second]) expect((await api.post(`/keys/${key}/enable`)).status).toBe(200);
  aheadMs = FEW_MINUTES_MS;
  expect(await told("pool_well", 1)).toMatchObject([{ ...pool, usable: 2, total: 2 }]);
  expect(await told("key_disabled", 2)).toHaveLength(2);
  await server.stop();
  const everything = JSON.stringify([received, server.log]);
  for (const secret of [first, second, "s3cret-path"]) expect(everything).not.toContain(secret);
});

it("a server works on while its webhook does not, and logs that once without its URL", async () => {
  const refusals = Array(3).fill({ status: 404 });
  const { url, got } = await openReceiver(...refusals);
  const { server, api } = await serveHere({
    DATABASE_URL: "sqlite::memory:",
    WEBHOOK_URL: url,
    LOG_LEVEL: "trace",
  });
  for (const n of [1, 2, 3, 4]) await api.add(secretOf(n), `region-${n}`);
  for (const n of [1, 2, 3]) expect((await api.report(secretOf(n), 401)).status).toBe(200);
  await got(4);
  expect((await api.handOut("region-4")).body.data.key).toBe(secretOf(4));
  await server.stop();
  const about = server.log.filter(({ msg }) => String(msg).includes("webhook")).map(({ msg }) => msg);
  expect(about.slice(0, 1)).toEqual(["the webhook takes no messages, those it should get are lost"]);
  expect(about.length).toBeLessThanOrEqual(2);
  expect(JSON.stringify(server.log)).not.toContain("s3cret-path");
});
