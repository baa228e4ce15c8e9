import { parseDatabaseUrl } from "../../../../adapters/mikro-orm/index.ts";
import type { Config } from "../../../config.ts";
import type { Environment } from "../../invocation.ts";
import { checkAudit, checkTokens } from "./check-access.ts";
import { checkClock, checkMigrations, openToCheck } from "./check-database.ts";
import { checkEnvironment } from "./check-environment.ts";
import { checkSealing } from "./check-sealing.ts";
import type { Finding } from "./finding.ts";

/** All checks, one after the other. Changes nothing, and needs nothing that a running server has for itself. */
export async function* examine(
  environment: Environment,
  { azure }: { readonly azure: boolean },
): AsyncGenerator<Finding> {
  const { config, findings } = checkEnvironment(environment);
  yield* findings;
  if (config === undefined) return;
  const places = yield* examineDatabase(config);
  if (config.redisUrl !== undefined) {
    const { checkRedis } = await import("./check-redis.ts");
    yield* await checkRedis(config.redisUrl);
  }
  if (config.webhookUrl !== undefined) {
    const { checkWebhook } = await import("./check-webhook.ts");
    yield* await checkWebhook(config.webhookUrl, config);
  }
  if (azure) {
    const { checkAzure } = await import("./check-azure.ts");
    yield* await checkAzure(places, config);
  }
}

/** Returns where the keys are. */
async function* examineDatabase(config: Config) {
  const { database, findings } = await openToCheck(parseDatabaseUrl(config.databaseUrl));
  yield* findings;
  if (database === undefined) return [];
  try {
    yield checkMigrations(database);
    if (database.pending.length > 0 || database.unknown.length > 0) return [];
    const { envelope, findings: sealing } = await checkSealing(database, config.masterKey);
    yield* sealing;
    if (envelope !== undefined) {
      yield* await checkTokens(database, envelope, config);
      yield await checkAudit(database, envelope);
    }
    yield await checkClock(database);
    return await database.regions();
  } finally {
    await database.close();
  }
}
