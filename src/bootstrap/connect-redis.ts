import type { Logger } from "pino";
import { createClient } from "redis";
import { jittered } from "./wait-for.ts";

const CONNECT_TIMEOUT_MS = 2_000;
const LONGEST_PAUSE_MS = 2_000;

export type RedisClient = ReturnType<typeof createRedisClient>;

/**
 * A client that reconnects by itself for ever. While it is not connected its commands fail at once instead of
 * queueing, so that whoever depends on them can go on without.
 */
export function createRedisClient(url: string, logger: Logger) {
  const client = createClient({
    url,
    disableOfflineQueue: true,
    pingInterval: 5_000,
    // The client's own time-out, which only counts until a command is written, keeps each command's signal for
    // 5 s: 75 MB at 25,000 a second. Whoever asks waits no longer than its own patience.
    commandOptions: { timeout: 0 },
    // What piles up while Redis stands still.
    commandsQueueMaxLength: 100_000,
    socket: {
      connectTimeout: CONNECT_TIMEOUT_MS,
      reconnectStrategy: (retries) => jittered(Math.min(50 * 2 ** retries, LONGEST_PAUSE_MS)),
    },
  });
  let told = false;
  client.on("error", (error: Error & { code?: unknown }) => {
    // Once for each loss; every failing attempt to reconnect is the same news.
    if (!told) logger.warn({ code: error.code }, `Redis: ${error.message}`);
    told = true;
  });
  client.on("ready", () => {
    told = false;
    logger.info("Redis: connected");
  });
  return client;
}

/** Connects in the background; resolves whether that came to pass within the time. */
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
