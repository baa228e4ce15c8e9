import type { Logger } from "pino";
import { listen } from "../adapters/http/index.ts";
import { openDatabase } from "../adapters/mikro-orm/index.ts";
import { BackgroundJobs } from "./background-jobs.ts";
import type { Config } from "./config.ts";
import { createContainer, HTTP_APP, KEY_POOL } from "./container.ts";

const WRITE_PAUSE_MS = 1000;
const RECHECK_PAUSE_MS = 60_000;

export interface Server {
  readonly url: string;
  /** Finishes what runs, writes what is left, closes. Changes no key. */
  stop(): Promise<void>;
}

/** Opens the database, loads the keys and serves the API. */
export async function startServer(config: Config, logger: Logger, version: string): Promise<Server> {
  const database = await openDatabase({ url: config.databaseUrl, synchronous: config.synchronous });
  try {
    const container = createContainer({ config, database, logger, version });
    const pool = container.get(KEY_POOL);
    const { keys, badSettings } = await pool.loadKeys.execute();
    for (const { field, message } of badSettings) {
      logger.warn(
        { setting: field },
        `stored setting is not acceptable, its default is in force: ${message}`,
      );
    }
    const server = await listen(container.get(HTTP_APP), config);
    const jobs = new BackgroundJobs((job, error) =>
      logger.warn({ job, err: error }, "background job failed"),
    );
    jobs.every(WRITE_PAUSE_MS, "write usage", () => pool.writeUsage.execute());
    jobs.every(WRITE_PAUSE_MS, "settle owed writes", () => pool.settleOwedWrites.execute());
    jobs.every(RECHECK_PAUSE_MS, "re-check keys", async (stop) => {
      const enabled = await pool.recheckKeys.execute(stop);
      if (enabled > 0) logger.info({ keys: enabled }, "re-checked keys work again");
    });
    logger.info({ url: server.url, keys }, "serving");
    return {
      url: server.url,
      stop: async () => {
        await server.close();
        await jobs.stop();
        await pool.writeUsage.execute().catch((error) => logger.error({ err: error }, "counters are lost"));
        const owing = await pool.settleOwedWrites.execute();
        if (owing > 0) logger.error({ keys: owing }, "changes that were refused with 503 are lost");
        await database.close();
        logger.info("stopped");
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}
