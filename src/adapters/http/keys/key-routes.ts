import { z } from "zod";
import type { KeyPool } from "../../../application/index.ts";
import {
  type Asker,
  type Clock,
  DEFAULT_REGION,
  type Key,
  type Scope,
  type Service,
} from "../../../domain/index.ts";
import { failure, success } from "../server/answer-schemas.ts";
import { fail, succeed } from "../server/answers.ts";
import { BODY, STORAGE } from "../server/failure-codes.ts";
import { actorOf, askerOf, clientOf, scopeOf } from "../server/guard.ts";
import { presentPage, windowOf } from "../server/paging.ts";
import { keyParameter } from "../server/request-context.ts";
import { type DocumentedAnswer, type Route, type RouteContract, route } from "../server/route.ts";
import { succeedHot, succeedTogether } from "../server/succeed-hot.ts";
import {
  presentCooling,
  presentCounts,
  presentDetailedKey,
  presentHandOut,
  presentKey,
  presentListedKey,
  presentLog,
  presentOutcome,
  presentResting,
} from "./key-answers.ts";
import {
  coolingPool,
  detailedKey,
  handedOutKey,
  keyListQuery,
  keyPage,
  keysOf,
  keyUpdateBody,
  listedKey,
  logListQuery,
  logPage,
  logsOf,
  newKeyBody,
  poolOf,
  poolQuery,
  readReference,
  reportBody,
  reportOutcome,
  shownKey,
  statistics,
} from "./key-schemas.ts";
import { KEY, KEYS_PATH, KEYS_TAG } from "./keys-path.ts";
import { fullList, type ListPlaces, onePage } from "./list-places.ts";

/** Everything about the keys of one service; `watch` tells which to use. */
export function keyRoutes(
  service: Service,
  pool: KeyPool,
  clock: Clock,
  { fullLists, pages }: ListPlaces,
  watch: Route,
): readonly Route[] {
  const base = KEYS_PATH[service];
  const tag = KEYS_TAG[service];
  const region = DEFAULT_REGION[service];

  const handOut = route({
    method: "GET",
    path: `${base}/get`,
    tag,
    summary: "Get a usable key",
    description: `The next key of the region (default ${region}), of those with the tag if one is given.`,
    role: "client",
    query: poolQuery,
    answers: {
      200: { description: "The key to use now", schema: success(handedOutKey) },
      503: {
        description: "All keys of the pool are cooling down",
        schema: failure("all_keys_cooling", coolingPool),
        headers: { "Retry-After": "Whole seconds until the first key returns" },
      },
    },
    failures: ["no_key", "budget_exhausted", ...STORAGE],
    hot: true,
    logged: "seldom",
    async handler(ctx, { query }) {
      const outcome = await pool.handOutKey.execute(poolOf(service, query), scopeOf(ctx), clientOf(ctx));
      if (outcome.status === "handed-out") {
        return succeedTogether(ctx, presentHandOut(outcome.key), "Key retrieved successfully");
      }
      if (outcome.status === "no-key") {
        const hasKeys = outcome.poolSize > 0 && query.tag === undefined;
        return fail(ctx, "no_key", hasKeys ? "All keys of this pool are disabled" : "No key in this pool");
      }
      const data = presentCooling(outcome.until, outcome.at);
      fail(ctx, "all_keys_cooling", "All keys of this pool are cooling down", {
        headers: { "Retry-After": String(data.retryAfterSeconds) },
        data,
      });
    },
  });

  const describeHandOut = route({
    method: "HEAD",
    path: `${base}/get`,
    tag,
    summary: "Check a hand-out's query",
    description: "Answers like GET without a body, and takes no turn.",
    role: "client",
    query: poolQuery,
    answers: { 200: { description: "The query is good" } },
    failures: [],
    handler(ctx) {
      ctx.status = 200;
      ctx.type = "json";
    },
  });

  const report = route({
    method: "POST",
    path: `${base}/status`,
    tag,
    summary: "Report the status code a key got",
    description: "Rests a throttled key, retires a dead one. Durable when it is answered.",
    role: "client",
    body: reportBody,
    example: { key: "your-azure-key-0001", code: 200, note: "API call successful" },
    answers: { 200: { description: "What the code did", schema: success(reportOutcome) } },
    failures: ["key_not_found", "budget_exhausted", ...BODY],
    hot: true,
    logged: "seldom",
    async handler(ctx, { body }) {
      const report = { service, ...body, actor: actorOf(ctx) };
      const outcome = await pool.reportCode.execute(report, scopeOf(ctx), clientOf(ctx));
      succeedHot(ctx, presentOutcome(outcome), "Status updated successfully");
    },
  });

  const listLogs = route({
    method: "GET",
    path: `${base}/logs`,
    tag,
    summary: "List what happened, newest first",
    description: "Page 1 of 50 rows by default.",
    role: "viewer",
    query: logListQuery,
    answers: { 200: { description: "A page of the log", schema: success(logPage) } },
    failures: STORAGE,
    async handler(ctx, { query }) {
      const { logs, asked } = logsOf(service, query);
      const data = await onePage(ctx, pages, async () => {
        const { entries, total } = await pool.listLogs.execute(logs, scopeOf(ctx));
        return { logs: entries.map(presentLog), ...presentPage(total, asked) };
      });
      succeed(ctx, data, "Logs retrieved successfully");
    },
  });

  const readStatistics = route({
    method: "GET",
    path: `${base}/stats`,
    tag,
    summary: "Count keys by status",
    description:
      "A key that rests counts as one in cooldown, and is named with the time at which it comes back.",
    role: "viewer",
    answers: { 200: { description: "Counts, and the keys that rest", schema: success(statistics) } },
    failures: STORAGE,
    async handler(ctx) {
      // For a scope the keys are read through to be counted.
      const count = () => pool.readStatistics.execute(service, scopeOf(ctx));
      const { counts, cooling, at } = await onePage(ctx, pages, count);
      const cooldownKeys = await fullList(ctx, fullLists, cooling, (key) => presentResting(key, at));
      const data = { cooldown: presentCounts(counts), cooldownKeys };
      succeed(ctx, data, "Statistics retrieved successfully");
    },
  });

  const list = route({
    method: "GET",
    path: base,
    tag,
    summary: "List keys, masked",
    description: "All of them, or a page when page or limit is given.",
    role: "viewer",
    query: keyListQuery,
    answers: {
      200: {
        description: "The keys by id",
        schema: success(z.union([z.array(listedKey), keyPage])),
      },
    },
    failures: STORAGE,
    async handler(ctx, { query }) {
      const { keys, asked } = keysOf(service, query);
      const message = "Keys retrieved successfully";
      if (asked === null) {
        const all = pool.listKeys.all(keys, scopeOf(ctx));
        const data = await fullList(ctx, fullLists, all.pages, (key) => presentListedKey(key, all.at));
        return succeed(ctx, data, message);
      }
      const data = await onePage(ctx, pages, async () => {
        const {
          keys: some,
          total,
          at,
        } = await pool.listKeys.execute({ ...keys, ...windowOf(asked) }, scopeOf(ctx));
        return { keys: some.map((key) => presentListedKey(key, at)), ...presentPage(total, asked) };
      });
      succeed(ctx, data, message);
    },
  });

  const add = route({
    method: "POST",
    path: base,
    tag,
    summary: "Add a key",
    description: "It may be handed out at once. A key is unique within its service, whatever its region.",
    role: "operator",
    body: newKeyBody,
    example: { key: "your-azure-key-0001", region, keyname: "Production Key 1" },
    answers: { 201: { description: "The key that was added", schema: success(shownKey) } },
    failures: ["key_exists", ...BODY],
    async handler(ctx, { body }) {
      const key = await pool.addKey.execute({ service, ...body }, scopeOf(ctx), askerOf(ctx));
      succeed(ctx, presentKey(key, clock.now()), "Key added successfully", 201);
    },
  });

  const show = route({
    method: "GET",
    path: `${base}/:key`,
    tag,
    summary: "See a key, masked",
    description:
      "The key as lists show it: what it is, how it stands now, and how often it was used; and how many leases of it run. Never its secret.",
    role: "viewer",
    key: KEY,
    answers: { 200: { description: "The key and its use", schema: success(detailedKey) } },
    failures: ["key_not_found", ...STORAGE],
    async handler(ctx) {
      const seen = await pool.showKey.execute(service, readReference(keyParameter(ctx)), scopeOf(ctx));
      succeed(ctx, presentDetailedKey(seen), "Key retrieved successfully");
    },
  });

  const oneKey = {
    tag,
    role: "operator",
    key: KEY,
    answers: { 200: { description: "The key as it is now", schema: success(shownKey) } },
    failures: ["key_not_found", ...BODY],
  } satisfies Partial<RouteContract>;

  const update = route({
    ...oneKey,
    method: "PUT",
    path: `${base}/:key`,
    summary: "Rename, move, tag or limit a key",
    description:
      "At least one field. Its standing moves along; an empty tag takes the tag away, null the limit. Leases that run go on.",
    body: keyUpdateBody,
    example: { keyname: "Production Key 2" },
    async handler(ctx, { body }) {
      const [reference, scope] = [readReference(keyParameter(ctx)), scopeOf(ctx)];
      const key = await pool.updateKey.execute(service, reference, body, scope, askerOf(ctx));
      succeed(ctx, presentKey(key, clock.now()), "Key updated successfully");
    },
  });

  const act = ({ samples, ...contract }: KeyActionContract, useCase: KeyAction, message: string) =>
    route({
      ...oneKey,
      ...contract,
      answers: { 200: { ...oneKey.answers[200], ...(samples && { samples }) } },
      async handler(ctx) {
        const reference = readReference(keyParameter(ctx));
        const key = await useCase.execute(service, reference, scopeOf(ctx), askerOf(ctx));
        succeed(ctx, presentKey(key, clock.now()), message);
      },
    });

  const remove = act(
    {
      method: "DELETE",
      path: `${base}/:key`,
      summary: "Delete a key; its log stays",
      description: "It is not handed out any more, by any instance. The answer is the key as it was.",
    },
    pool.deleteKey,
    "Key deleted successfully",
  );
  const enable = act(
    {
      method: "POST",
      path: `${base}/:key/enable`,
      summary: "Enable a key, and end its cooldown",
      description:
        "It may be handed out at once, whatever disabled it. A cooldown that is running ends, and the protection that follows it begins.",
    },
    pool.enableKey,
    "Key enabled successfully",
  );
  const disable = act(
    {
      method: "POST",
      path: `${base}/:key/disable`,
      summary: "Disable a key until a person enables it",
      description: "It is not handed out from now on, by any instance. No report and no re-check enables it.",
      samples: DISABLED,
    },
    pool.disableKey,
    "Key disabled successfully",
  );

  return [
    handOut,
    describeHandOut,
    // Ahead of the routes of one key, whose path its path would be as well.
    watch,
    report,
    listLogs,
    readStatistics,
    list,
    show,
    add,
    update,
    remove,
    enable,
    disable,
  ];
}

const DISABLED = { status: "disabled", disabled_by: "person", disabled_at: "2026-01-01T00:00:00.000Z" };

type KeyActionContract = Pick<RouteContract, "method" | "path" | "summary" | "description"> &
  Pick<DocumentedAnswer, "samples">;

interface KeyAction {
  execute(service: Service, reference: string, scope?: Scope, asker?: Asker): Promise<Key>;
}
