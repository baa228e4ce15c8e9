import type { Logger } from "pino";
import { createClient } from "redis";
import { jittered } from "./wait-for.ts";

export interface RedisLinkTimes {
  readonly pingEveryMs: number;
  /** How long a ping may go unanswered before the connection is replaced. */
  readonly patienceMs: number;
  /** How long a connection may take to be made, and then, to say anything while it introduces itself. */
  readonly connectTimeoutMs: number;
  readonly handshakeTimeoutMs: number;
}

/** Room for answers that take a second and a half on their way. */
const TIMES: RedisLinkTimes = {
  pingEveryMs: 1_000,
  patienceMs: 3_000,
  connectTimeoutMs: 3_000,
  handshakeTimeoutMs: 5_000,
};

const LONGEST_PAUSE_MS = 2_000;

export type RedisClient = ReturnType<typeof createRedisClient>;

/**
 * A client that reconnects by itself for ever, also when its connection goes silent without an end. While it
 * is not connected its commands fail at once instead of queueing, so that a caller can go on without.
 */
export function createRedisClient(url: string, logger: Logger, times: Partial<RedisLinkTimes> = {}) {
  const { pingEveryMs, patienceMs, connectTimeoutMs, handshakeTimeoutMs } = { ...TIMES, ...times };
  const client = createClient({
    url,
    disableOfflineQueue: true,
    // The client's own time-out, which only counts until a command is written, keeps each command's signal for
    // 5 s: 75 MB at 25,000 a second. Callers have a patience of their own.
    commandOptions: { timeout: 0 },
    // What piles up while Redis stands still.
    commandsQueueMaxLength: 100_000,
    socket: {
      connectTimeout: connectTimeoutMs,
      // Counts while nothing is written and nothing read. A connection that is made is kept from it by the pings.
      socketTimeout: handshakeTimeoutMs,
      reconnectStrategy: (retries) => jittered(Math.min(50 * 2 ** retries, LONGEST_PAUSE_MS)),
    },
  });
  let isLogged = false;
  client.on("error", (error: Error & { code?: unknown }) => {
    // Once for each loss: a failing attempt to reconnect says nothing new.
    if (!isLogged) logger.warn({ code: error.code }, `Redis: ${error.message}`);
    isLogged = true;
  });
  client.on("ready", () => {
    isLogged = false;
    logger.info("Redis: connected");
  });
  replaceWhenSilent(client, pingEveryMs, patienceMs, () =>
    logger.warn("Redis: the connection is silent and is replaced"),
  );
  return client;
}

/** What `replaceWhenSilent` needs of a client. */
interface Replaceable {
  readonly isReady: boolean;
  ping(): Promise<unknown>;
  destroy(): void;
  connect(): Promise<unknown>;
  on(event: "end", listener: () => void): unknown;
}

/**
 * Neither the client's ping nor its time-out notices a connection whose packets are dropped: the one waits for
 * its answer for ever, and every command that is written puts the other off.
 */
function replaceWhenSilent(
  client: Replaceable,
  pingEveryMs: number,
  patienceMs: number,
  onSilent: () => void,
): void {
  let pinged: { readonly at: number } | undefined;
  let isReplacing = false;

  const replace = () => {
    onSilent();
    isReplacing = true;
    // What waits for an answer fails now. Subscriptions are kept and made again.
    client.destroy();
    isReplacing = false;
    client.connect().catch(() => {
      // Destroyed by its owner.
    });
  };
  const ping = () => {
    const mine = { at: performance.now() };
    const answered = () => {
      if (pinged === mine) pinged = undefined;
    };
    pinged = mine;
    client.ping().then(answered, answered);
  };
  const look = () => {
    const waiting = pinged;
    if (!client.isReady) pinged = undefined;
    else if (!waiting) ping();
    else if (performance.now() - waiting.at >= patienceMs) {
      // If it was this process that stood still, the answer waits to be read, which happens before that.
      setImmediate(() => {
        if (pinged === waiting && client.isReady) replace();
      });
    }
  };
  const timer = setInterval(look, pingEveryMs).unref();
  client.on("end", () => {
    if (!isReplacing) clearInterval(timer);
  });
}

/** Connects in the background; resolves to whether it connected in time. */
export async function connectWithin(client: RedisClient, forMs: number): Promise<boolean> {
  // With this reconnect strategy it never gives up, and it rejects only when the client is destroyed.
  const connected = client.connect().then(
    () => true,
    () => false,
  );
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, forMs, false);
  });
  const ready = await Promise.race([connected, late]);
  clearTimeout(timer);
  return ready;
}
