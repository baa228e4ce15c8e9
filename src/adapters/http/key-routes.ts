import type { KeyPool } from "../../application/index.ts";
import type { Clock, Key, Service } from "../../domain/index.ts";
import { fail, succeed } from "./answers.ts";
import { keyUpdateBody, newKeyBody, reportBody } from "./key-bodies.ts";
import { readKeyQuery, readLogQuery, readPool, readReference } from "./key-queries.ts";
import { LongList } from "./long-list.ts";
import { presentPage } from "./paging.ts";
import { presentHandOut, presentKey } from "./present-key.ts";
import { presentLog } from "./present-log.ts";
import { presentStatistics } from "./present-statistics.ts";
import { readBody, readJson } from "./read-body.ts";
import { rememberQueries } from "./read-query.ts";
import { type Handler, keyParameter, type RequestContext, type Routes, rawQuery } from "./request-context.ts";
import { succeedHot, succeedTogether } from "./succeed-hot.ts";

/** Everything about the keys of one service, under `base`. */
export function keyRoutes(service: Service, base: string, pool: KeyPool, clock: Clock): Routes {
  const poolOf = rememberQueries((query) => readPool(service, query));

  const handOut: Handler = async (ctx) => {
    const outcome = await pool.handOutKey.execute(poolOf(rawQuery(ctx)));
    if (outcome.status === "handed-out") {
      return succeedTogether(ctx, JSON.stringify(presentHandOut(outcome.key)), "Key retrieved successfully");
    }
    if (outcome.status === "no-key") return fail(ctx, "no_key", "No key in this pool");
    const retryAfterSeconds = Math.ceil((outcome.availableAt - outcome.at) / 1000);
    const availableAt = new Date(outcome.availableAt).toISOString();
    fail(ctx, "all_keys_cooling", "All keys of this pool are cooling down", {
      headers: { "Retry-After": String(retryAfterSeconds) },
      data: { availableAt, retryAfterSeconds },
    });
  };

  /** HEAD asks about the answer, not for a key: it takes no turn. */
  const describeHandOut: Handler = (ctx) => {
    poolOf(rawQuery(ctx));
    ctx.status = 200;
    ctx.type = "json";
  };

  const report: Handler = async (ctx) => {
    const body = await readBody(ctx, reportBody);
    const outcome = await pool.reportCode.execute({ service, ...body });
    succeedHot(ctx, JSON.stringify(outcome), "Status updated successfully");
  };

  const list: Handler = async (ctx) => {
    const query = readKeyQuery(service, rawQuery(ctx));
    const { keys, total, at } = await pool.listKeys.execute(query.keys);
    const present = (key: (typeof keys)[number]) => presentKey(key, at);
    const message = "Keys retrieved successfully";
    if (query.asked) succeed(ctx, { keys: keys.map(present), ...presentPage(total, query.asked) }, message);
    else succeed(ctx, new LongList(keys, present), message);
  };

  const listLogs: Handler = async (ctx) => {
    const query = readLogQuery(service, rawQuery(ctx));
    const { entries, total } = await pool.listLogs.execute(query.logs);
    const data = { logs: entries.map(presentLog), ...presentPage(total, query.asked) };
    succeed(ctx, data, "Logs retrieved successfully");
  };

  const readStatistics: Handler = async (ctx) => {
    const statistics = await pool.readStatistics.execute(service);
    succeed(ctx, presentStatistics(statistics), "Statistics retrieved successfully");
  };

  const add: Handler = async (ctx) => {
    const key = await pool.addKey.execute({ service, ...(await readBody(ctx, newKeyBody)) });
    succeed(ctx, presentKey(key, clock.now()), "Key added successfully", 201);
  };

  const update: Handler = async (ctx) => {
    const changes = await readBody(ctx, keyUpdateBody);
    const key = await pool.updateKey.execute(service, readReference(keyParameter(ctx)), changes);
    succeed(ctx, presentKey(key, clock.now()), "Key updated successfully");
  };

  const act =
    (useCase: KeyAction, message: string): Handler =>
    async (ctx: RequestContext) => {
      await readJson(ctx);
      const key = await useCase.execute(service, readReference(keyParameter(ctx)));
      succeed(ctx, presentKey(key, clock.now()), message);
    };

  return {
    [`${base}/get`]: { HEAD: describeHandOut, GET: handOut },
    [`${base}/status`]: { POST: report },
    [`${base}/logs`]: { GET: listLogs },
    [`${base}/stats`]: { GET: readStatistics },
    [base]: { GET: list, POST: add },
    [`${base}/:key`]: { PUT: update, DELETE: act(pool.deleteKey, "Key deleted successfully") },
    [`${base}/:key/enable`]: { POST: act(pool.enableKey, "Key enabled successfully") },
    [`${base}/:key/disable`]: { POST: act(pool.disableKey, "Key disabled successfully") },
  };
}

interface KeyAction {
  execute(service: Service, reference: string): Promise<Key>;
}
