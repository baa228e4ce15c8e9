import { describe, expect, it, onTestFinished } from "vitest";
import { ManualClock } from "../../../src/adapters/in-memory/index.ts";
import { createWebhook, type WebhookOptions } from "../../../src/adapters/webhook/index.ts";
import type { PlaceCount, PoolEvent } from "../../../src/application/index.ts";
import { HandScheduler } from "./hand-scheduler.ts";
import { openReceiver, type Reaction } from "./receiver.ts";

const START = Date.UTC(2026, 0, 2, 3, 4, 5);
const AT = "2026-01-02T03:04:05.000Z";
const FEW_MINUTES_MS = 300_000;

async function openWebhook(
  { format = "json", lowPool = 1 }: Partial<WebhookOptions> = {},
  ...reactions: Reaction[]
) {
  const receiver = await openReceiver(...reactions);
  const [clock, scheduler] = [new ManualClock(START), new HandScheduler()];
  const states: (string | undefined)[] = [];
  const onState = (fault: string | undefined) => void states.push(fault);
  const webhook = createWebhook({ url: receiver.url, format, lowPool, clock, scheduler, onState });
  onTestFinished(() => webhook.close());
  let keys: readonly PlaceCount[] = [];
  const none = { handOuts: [], watchers: [], leases: [], waiting: 0, owing: 0 };
  webhook.watch({ measure: () => ({ keys, ...none }) });
  return {
    ...{ ...receiver, webhook, clock, scheduler, states },
    /** The pool of a region has so many usable keys of four when it is looked at. */
    look: async (usable: number) => {
      const counts = { enabled: usable, cooldown: 0, disabled: 4 - usable };
      keys = [{ service: "speech", region: "eastasia", counts }];
      await webhook.job.run(new AbortController().signal);
    },
  };
}

function disabled(id: number, statusCode: number | null = 401, keyName = "a key"): PoolEvent {
  return {
    kind: "key-changed",
    id,
    entry: {
      ...{ about: "key", action: "disable_key", service: "speech", region: "eastasia" },
      ...{ keyId: id, keyName, statusCode, actor: "caller", at: START, note: "a note of the caller's" },
    },
  };
}

describe("a webhook", () => {
  it("tells which key a code disabled, and nothing that a caller wrote", async () => {
    const { webhook, got } = await openWebhook();
    webhook.onEvent(disabled(7));
    expect(await got(1)).toEqual([
      {
        ...{ event: "key_disabled", at: AT, key_id: 7, keyname: "a key" },
        ...{ service: "speech", region: "eastasia", code: 401 },
        text: "azure-key-pool: speech key 7 “a key” in eastasia was disabled by code 401",
      },
    ]);
  });

  it("tells of a token that would have disabled too much", async () => {
    const { webhook, got } = await openWebhook();
    webhook.onEvent({ kind: "token-disables", token: "t1", disables: 20 });
    expect(await got(1)).toEqual([
      {
        ...{ event: "token_overspent", at: AT, token: "t1", disables: 20 },
        text: "azure-key-pool: token t1 would have disabled more than the 20 keys it may in an hour",
      },
    ]);
  });

  it("does not tell what a person did, or what else happens to a key", async () => {
    const { webhook, got } = await openWebhook();
    webhook.onEvent(disabled(1, null));
    webhook.onEvent({ kind: "key-changed", id: 2, entry: null });
    webhook.onEvent({ kind: "store-corrected", id: 3 });
    const rests = disabled(4, 429);
    if (rests.kind === "key-changed" && rests.entry) {
      webhook.onEvent({ ...rests, entry: { ...rests.entry, action: "cooldown_start" } });
    }
    webhook.onEvent(disabled(5));
    expect((await got(1)).map(({ key_id }) => key_id)).toEqual([5]);
  });

  it("tells of one key once in a few minutes, and of others meanwhile", async () => {
    const { webhook, clock, got } = await openWebhook();
    webhook.onEvent(disabled(1));
    clock.advance(FEW_MINUTES_MS - 1);
    webhook.onEvent(disabled(1));
    webhook.onEvent(disabled(2));
    clock.advance(1);
    webhook.onEvent(disabled(1));
    webhook.onEvent(disabled(3));
    expect((await got(4)).map(({ key_id }) => key_id)).toEqual([1, 2, 1, 3]);
  });

  it("tells once that a pool is low, that it is empty, and that it is well again", async () => {
    const { clock, look, got } = await openWebhook();
    for (const usable of [4, 2, 1, 1, 0, 0]) await look(usable);
    clock.advance(FEW_MINUTES_MS);
    for (const usable of [2, 3]) await look(usable);
    const about = { service: "speech", region: "eastasia", total: 4 };
    expect(await got(3)).toMatchObject([
      { ...about, event: "pool_low", usable: 1, text: expect.stringContaining("is low: 1 of 4 keys") },
      { ...about, event: "pool_empty", usable: 0 },
      { ...about, event: "pool_well", usable: 2 },
    ]);
  });

  it("tells of no pool when a low one has 0 keys", async () => {
    const { webhook, look, got } = await openWebhook({ lowPool: 0 });
    for (const usable of [4, 0]) await look(usable);
    webhook.onEvent(disabled(1));
    expect(await got(1)).toMatchObject([{ event: "key_disabled" }]);
  });

  it.each([
    ["slack", { text: expect.stringContaining("“&lt;!channel&gt; &amp; &lt;b&gt;”") }],
    ["feishu", { msg_type: "text", content: { text: expect.stringContaining("“‹!channel› & ‹b›”") } }],
  ] as const)("speaks to %s as it wants, and a name of a key calls nobody", async (format, message) => {
    const { webhook, got } = await openWebhook({ format });
    webhook.onEvent(disabled(1, 401, "<!channel> & <b>"));
    expect(await got(1)).toEqual([message]);
  });

  it("takes Feishu's code for the answer, and tries again", async () => {
    const refusal = { status: 200, body: '{"code":19024,"msg":"Key Words Not Found"}' };
    const { webhook, scheduler, states, got } = await openWebhook({ format: "feishu" }, refusal, {
      ...{ status: 200, body: '{"StatusCode":0,"code":0}' },
    });
    webhook.onEvent(disabled(1));
    await scheduler.pass(1_000);
    webhook.onEvent(disabled(2));
    expect(await got(3)).toHaveLength(3);
    expect(states).toEqual([]);
  });

  it("takes events while its receiver says nothing, and ends all the same", async () => {
    const { webhook, received, got } = await openWebhook({}, "say nothing");
    for (let id = 1; id <= 2_000; id++) webhook.onEvent(disabled(id));
    await got(1);
    await webhook.close();
    webhook.onEvent(disabled(3_000));
    expect(received).toHaveLength(1);
  });
});
