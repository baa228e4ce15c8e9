import type { Logger } from "pino";
import { createClient } from "redis";
import { jittered } from "./wait-for.ts";

/** When a connection to Redis counts as broken. */
export interface RedisLinkTimes {
  readonly pingIntervalMs: number;
  /** How long a ping may go unanswered before the connection is replaced. */
  readonly pingTimeoutMs: number;
  /** How long a TCP connection may take to be made. */
  readonly connectTimeoutMs: number;
  /** How long Redis may say nothing between connecting and being ready. */
  readonly handshakeTimeoutMs: number;
}

/** Enough for a link whose round trip takes a second and a half. */
const TIMES: RedisLinkTimes = {
  pingIntervalMs: 1_000,
  pingTimeoutMs: 3_000,
  connectTimeoutMs: 3_000,
  handshakeTimeoutMs: 5_000,
};

const LONGEST_PAUSE_MS = 2_000;

export type RedisClient = ReturnType<typeof createRedisClient>;

/** What clients of one server have logged of its faults, so that one fault of them all is one line. */
export interface SaidOfRedis {
  fault?: string | undefined;
}

/**
 * A client that reconnects by itself for ever, also when its connection goes silent without an end. While it
 * is not connected its commands fail at once instead of queueing, so that a caller can go on without.
 */
export function createRedisClient(
  url: string,
  logger: Logger,
  times: Partial<RedisLinkTimes> = {},
  said: SaidOfRedis = {},
) {
  const { pingIntervalMs, pingTimeoutMs, connectTimeoutMs, handshakeTimeoutMs } = { ...TIMES, ...times };
  const client = createClient({
    url,
    disableOfflineQueue: true,
    // The client's own time-out covers a command only until it is written, and keeps its signal for 5 s: 75 MB
    // at 25,000 a second. Callers have time-outs of their own.
    commandOptions: { timeout: 0 },
    // Commands pile up while Redis does not answer.
    commandsQueueMaxLength: 100_000,
    socket: {
      connectTimeout: connectTimeoutMs,
      // Runs while nothing is read or written; once the connection is ready, the pings keep it from running out.
      socketTimeout: handshakeTimeoutMs,
      reconnectStrategy: (retries) => jittered(Math.min(50 * 2 ** retries, LONGEST_PAUSE_MS)),
    },
  });
  let isLogged = false;
  client.on("error", (error: Error & { code?: unknown }) => {
    const fault = refusedPassword(error) ?? error.message;
    // Once for each loss: a failing attempt to reconnect says nothing new.
    if (!isLogged && said.fault !== fault) logger.warn({ code: error.code }, `Redis: ${fault}`);
    isLogged = true;
    said.fault = fault;
  });
  client.on("ready", () => {
    isLogged = false;
    said.fault = undefined;
    logger.info("Redis: connected");
  });
  replaceWhenSilent(client, pingIntervalMs, pingTimeoutMs, () =>
    logger.warn("Redis: the connection is silent and is replaced"),
  );
  return client;
}

/** In plain words, when Redis does not take the user and password of the URL, or wants some where there are none. */
function refusedPassword({ message }: Error): string | undefined {
  if (message.startsWith("WRONGPASS")) return "the user or password in REDIS_URL is wrong";
  return message.startsWith("NOAUTH") ? "it wants a password, and REDIS_URL has none" : undefined;
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
 * Replaces a connection whose packets are dropped. The client itself does not notice: its ping waits for ever,
 * and each command that is written restarts its time-out.
 */
function replaceWhenSilent(
  client: Replaceable,
  pingIntervalMs: number,
  pingTimeoutMs: number,
  onSilent: () => void,
): void {
  let pinged: { readonly at: number } | undefined;
  let isReplacing = false;

  const replace = () => {
    onSilent();
    isReplacing = true;
    // Commands that wait for an answer fail now. The client subscribes again by itself.
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
    else if (performance.now() - waiting.at >= pingTimeoutMs) {
      // If this process was suspended, the answer has arrived and is read before the immediate runs.
      setImmediate(() => {
        if (pinged === waiting && client.isReady) replace();
      });
    }
  };
  const timer = setInterval(look, pingIntervalMs).unref();
  client.on("end", () => {
    if (!isReplacing) clearInterval(timer);
  });
}

/** Connects in the background; resolves to whether it connected in time. */
export async function connectWithin(client: RedisClient, timeoutMs: number): Promise<boolean> {
  // With this reconnect strategy it never gives up, and it rejects only when the client is destroyed.
  const connected = client.connect().then(
    () => true,
    () => false,
  );
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, false);
  });
  const ready = await Promise.race([connected, late]);
  clearTimeout(timer);
  return ready;
}
