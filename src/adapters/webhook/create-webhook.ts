import type { Job, KeyPool, PoolEvent } from "../../application/index.ts";
import type { Clock, KeyId, Scheduler } from "../../domain/index.ts";
import { Delivery } from "./delivery.ts";
import { messageOf, type WebhookFormat } from "./message.ts";
import type { Notice } from "./notice.ts";
import { PoolLevels } from "./pool-levels.ts";

export interface WebhookOptions {
  /** A secret; it is in nothing that is told. */
  readonly url: string;
  readonly format: WebhookFormat;
  /** A pool is low at so many usable keys or fewer; 0 tells of no pool. */
  readonly lowPool: number;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** Called when messages begin to be lost, with the reason, and with undefined when they no longer are. */
  readonly onState: (fault: string | undefined) => void;
}

export interface Webhook {
  /** For `onEvent` of a pool. */
  readonly onEvent: (event: PoolEvent) => void;
  /** For `jobs` of a pool: looks how many keys are left. */
  readonly job: Job;
  /** Names the pool that the job looks at. Comes once, before the pool is started. */
  readonly watch: (pool: Pick<KeyPool, "measure">) => void;
  /** Ends what is being posted and drops what waits. */
  readonly close: () => Promise<void>;
}

/** The same key or pool is not told of again before, in milliseconds. */
const QUIET_MS = 300_000;
/** From memory, so it may be often. */
const LOOK_MS = 1_000;
const MOST_KEYS = 1_000;

/** Posts to a URL what a person should hear of: keys that Azure refused, pools that run low, tokens that overspend. */
export function createWebhook({ format, lowPool, clock, ...options }: WebhookOptions): Webhook {
  const delivery = new Delivery({
    ...options,
    faultIn: format === "feishu" ? faultOfFeishu : () => undefined,
  });
  const levels = new PoolLevels({ lowAt: lowPool, quietMs: QUIET_MS });
  const toldOf = new Map<KeyId, number>();
  let watched: Pick<KeyPool, "measure"> | undefined;
  const post = (notice: Notice) => delivery.post(messageOf(notice, format));

  const isQuiet = (id: KeyId, now: number) => {
    if (now - (toldOf.get(id) ?? Number.NEGATIVE_INFINITY) < QUIET_MS) return true;
    if (toldOf.size >= MOST_KEYS) toldOf.clear();
    toldOf.set(id, now);
    return false;
  };

  return {
    onEvent: (event) => {
      const at = clock.now();
      if (event.kind === "token-disables") {
        const { token, disables } = event;
        post({ event: "token_overspent", at, token, disables });
      }
      if (event.kind !== "key-changed" || event.entry?.action !== "disable_key") return;
      const { keyName: name, service, region, statusCode: code } = event.entry;
      // A person who disables a key knows.
      if (code === null || isQuiet(event.id, at)) return;
      post({ event: "key_disabled", at, keyId: event.id, name, service, region, code });
    },
    job: {
      name: "watch how many keys are left",
      pauseMs: LOOK_MS,
      run: async () => {
        if (!watched || lowPool === 0) return;
        const at = clock.now();
        for (const { level, place } of levels.changes(watched.measure().keys, at)) {
          const { service, region, counts } = place;
          const total = counts.enabled + counts.cooldown + counts.disabled;
          post({ event: `pool_${level}`, at, service, region, usable: counts.enabled, total });
        }
      },
    },
    watch: (pool) => {
      watched = pool;
    },
    close: () => delivery.close(),
  };
}

/** Feishu refuses with status 200 and a code in the answer. */
function faultOfFeishu(answer: string): string | undefined {
  const code = /"(?:code|StatusCode)"\s*:\s*(\d+)/.exec(answer)?.[1];
  return code === undefined || code === "0" ? undefined : `Feishu's code ${code}`;
}
