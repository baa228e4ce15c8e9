import { z } from "zod";
import type { NewKey, Report } from "../../../application/index.ts";
import {
  DEFAULT_REGION,
  KEY_ORDERS,
  type KeyFilter,
  type KeyOrder,
  type KeyQuery,
  type KeySort,
  keyNotFound,
  LOG_ACTIONS,
  type LogQuery,
  type Pool,
  SERVICES,
  type Service,
} from "../../../domain/index.ts";
import { count, masked, paging as pagingAnswer, schemaOf, time } from "../server/answer-schemas.ts";
import {
  instant,
  integer,
  keyName,
  maxInFlight,
  paging,
  region,
  retryAfter,
  secret,
  statusCode,
  tag,
  textual,
} from "../server/fields.ts";
import { type Page, pageOf, windowOf } from "../server/paging.ts";
import { invalid } from "../server/refusal.ts";
import type {
  CoolingPool,
  DetailedKey,
  HandedOutKey,
  KeyPage,
  KeyStatistics,
  ListedKey,
  LogPage,
  PoolState,
  ReportOutcome,
  ShownKey,
} from "./key-answers.ts";

export const newKeyBody = z
  .object({
    ...{ key: secret, region, keyname: keyName.nullish(), tag: tag.nullish() },
    max_in_flight: maxInFlight.optional(),
  })
  .transform(
    ({ key, region, keyname, tag, max_in_flight }): Omit<NewKey, "service"> => ({
      secret: key,
      region,
      name: keyname ?? "",
      tag: tag ?? null,
      maxInFlight: max_in_flight ?? null,
    }),
  );

export const keyUpdateBody = z
  .object({
    ...{ keyname: keyName.optional(), region: region.optional(), tag: tag.nullish() },
    max_in_flight: maxInFlight.optional(),
  })
  .refine((changes) => Object.values(changes).some((given) => given !== undefined), {
    error: "at least one of keyname, region, tag and max_in_flight is needed",
  })
  .transform(({ keyname, region, tag, max_in_flight }) => ({
    ...{ name: keyname, region, tag },
    maxInFlight: max_in_flight,
  }));

const note = textual.meta({ description: "A remark for the log, cut to 500 characters" }).nullish();

export const reportBody = z
  .object({ key: secret, code: statusCode, note, retry_after: retryAfter.optional() })
  .transform(
    ({ key, code, note, retry_after }): Omit<Report, "service"> => ({
      secret: key,
      code,
      note: note == null ? null : String(note),
      retryAfter: retry_after,
    }),
  );

const reference = z.union([z.string().regex(/^\d{1,15}$/), secret]);

/** A path's `:key`: a secret or an id. What can be neither is a key that nobody has, so it is not looked up. */
export function readReference(parameter: string): string {
  const result = reference.safeParse(parameter);
  if (!result.success) throw keyNotFound();
  return result.data;
}

export const poolQuery = z.object({ region: region.exactOptional(), tag: tag.exactOptional() });

/** The pool that a hand-out's query asks for; without a region the service's own. */
export function poolOf(
  service: Service,
  { region = DEFAULT_REGION[service], tag }: z.output<typeof poolQuery>,
): Pool {
  return tag ? { service, region, tag } : { service, region };
}

const SORTS = KEY_ORDERS.flatMap((by) => [by, `-${by}`] as const);

export const keyListQuery = z.object({
  status: z.enum(["enabled", "disabled", "cooldown"]).exactOptional(),
  region: region.exactOptional(),
  tag: tag.exactOptional(),
  q: z
    .string()
    .max(100, { error: "must be at most 100 characters" })
    .exactOptional()
    .meta({ description: "A part of name, region or tag. With page or limit only" }),
  sort: z
    .enum(SORTS)
    .exactOptional()
    .meta({ description: "Default id; with - the last first. With page or limit only" }),
  ...paging,
});

/** Which keys to list; `asked` is null when neither a page nor a limit was given: then it is all of them. */
export function keysOf(
  service: Service,
  { tag, page, limit, q, sort, ...others }: z.output<typeof keyListQuery>,
): { readonly keys: KeyFilter & Pick<KeyQuery, "sort">; readonly asked: Page | null } {
  const asked = page === undefined && limit === undefined ? null : pageOf(page, limit);
  if (asked === null) refuseWithoutPage({ q, sort });
  const keys = { service, ...others, ...(tag && { tag }), ...(q && { text: q }), ...(sort && sortOf(sort)) };
  return { keys, asked };
}

/** Whole lists are sent as they are read. */
function refuseWithoutPage(given: Readonly<Record<string, string | undefined>>): void {
  const fields = Object.keys(given).filter((field) => given[field] !== undefined);
  if (fields.length > 0) {
    throw invalid(...fields.map((field) => ({ field, message: "is for lists with page or limit" })));
  }
}

function sortOf(sort: (typeof SORTS)[number]): { readonly sort: KeySort } {
  return { sort: { by: sort.replace("-", "") as KeyOrder, descending: sort.startsWith("-") } };
}

export const logListQuery = z.object({
  key_id: integer(1, Number.MAX_SAFE_INTEGER).exactOptional(),
  action: z.enum(LOG_ACTIONS).exactOptional(),
  status_code: statusCode.exactOptional(),
  from: instant.exactOptional(),
  to: instant.exactOptional(),
  ...paging,
});

export function logsOf(
  service: Service,
  { key_id, status_code, page, limit, ...others }: z.output<typeof logListQuery>,
): { readonly logs: LogQuery; readonly asked: Page } {
  const asked = pageOf(page, limit);
  const logs: LogQuery = {
    // What concerns no service is listed with speech's, as the reference has it.
    services: service === "speech" ? ["speech", null] : [service],
    ...others,
    ...(key_id !== undefined && { keyId: key_id }),
    ...(status_code !== undefined && { statusCode: status_code }),
    ...windowOf(asked),
  };
  return { logs, asked };
}

const id = z.int().min(1);
const limit = z
  .int()
  .min(1)
  .nullable()
  .meta({ description: "How many leases of it may run at a time; null for any number" });

const shown = z.strictObject({
  id,
  key: masked,
  service: z.enum(SERVICES),
  region: z.string(),
  keyname: z.string(),
  tag: z.string().nullable(),
  status: z.enum(["enabled", "disabled", "cooldown"]),
  cooldown_until: time.nullable().meta({ description: "When a cooldown that is running ends" }),
  protected_until: time.nullable().meta({ description: "Until when cooldown codes are ignored" }),
  disabled_by: z.enum(["person", "code"]).nullable(),
  disabled_code: z.int().nullable(),
  disabled_at: time.nullable(),
  max_in_flight: limit,
  created_at: time,
});
export const shownKey = schemaOf<ShownKey>()(
  shown.meta({ id: "Key", description: "A key; its secret is masked" }),
);

const listed = shown.extend({ usage_count: count, error_count: count, last_used: time.nullable() });

export const listedKey = schemaOf<ListedKey>()(
  listed.meta({ id: "ListedKey", description: "A key and how much it has been used" }),
);

export const detailedKey = schemaOf<DetailedKey>()(
  listed
    .extend({ in_use: count.meta({ description: "How many leases of it run now" }) })
    .meta({ id: "DetailedKey", description: "A key, how much it has been used, and what is leased of it" }),
);

export const handedOutKey = schemaOf<HandedOutKey>()(
  z
    .strictObject({
      id,
      key: z.string().meta({ description: "The subscription key itself" }),
      region: z.string(),
      keyname: z.string(),
      tag: z.string().nullable(),
      status: z.literal("enabled"),
      created_at: time,
    })
    .meta({ id: "HandedOutKey", description: "The key to use now" }),
);

export const coolingPool = schemaOf<CoolingPool>()(
  z.strictObject({ availableAt: time, retryAfterSeconds: count.meta({ examples: [30] }) }),
);

export const keyPage = schemaOf<KeyPage>()(
  z
    .strictObject({ keys: z.array(listedKey), ...pagingAnswer })
    .meta({ description: "When a page or limit was asked for" }),
);

export const poolState = schemaOf<PoolState>()(
  z
    .strictObject({
      service: z.enum(SERVICES),
      region: z.string(),
      enabled: count,
      cooldown: count,
      disabled: count,
      next_available_at: time.nullable().meta({ description: "When the first that rests returns" }),
    })
    .meta({ id: "Pool", description: "How the keys of one service and region are" }),
);

export const reportOutcomes = [
  z.strictObject({ action: z.enum(["keep_enabled", "log"]), statusChanged: z.literal(false) }),
  z.strictObject({ action: z.enum(["disable", "cooldown"]), statusChanged: z.literal(true) }),
  z.strictObject({
    action: z.literal("skip"),
    reason: z.enum(["already_disabled", "protected", "cooling", "disabled"]),
    statusChanged: z.literal(false),
  }),
] as const;
export const reportOutcome = schemaOf<ReportOutcome>()(
  z.union(reportOutcomes).meta({ id: "ReportOutcome", description: "What the code did to the key" }),
);

const logRow = z
  .strictObject({
    id,
    key_id: id.nullable(),
    action: z.enum(LOG_ACTIONS),
    status_code: z.int().nullable(),
    note: z.string().nullable(),
    actor: z.string().nullable().meta({
      description:
        "Who acted: a token's id, or env, system, caller (without a token); null in rows that are older than this field",
    }),
    created_at: time,
    keyname: z.string().nullable(),
    region: z.string().nullable(),
  })
  .meta({ id: "LogRow", description: "One act; it outlives its key" });
export const logPage = schemaOf<LogPage>()(z.strictObject({ logs: z.array(logRow), ...pagingAnswer }));

export const statistics = schemaOf<KeyStatistics>()(
  z.strictObject({
    cooldown: z.strictObject({
      totalKeys: count,
      cooldownKeys: count,
      enabledKeys: count,
      disabledKeys: count,
    }),
    cooldownKeys: z.array(
      z.strictObject({ key: masked, region: z.string(), cooldownUntil: time, remainingSeconds: count }),
    ),
  }),
);
