import { z } from "zod";
import {
  DEFAULT_REGION,
  type KeyQuery,
  keyNotFound,
  LOG_ACTIONS,
  type LogQuery,
  type Pool,
  type Service,
} from "../../domain/index.ts";
import { instant, integer, limit, page, region, secret, statusCode, tag } from "./fields.ts";
import { type Page, pageOf, windowOf } from "./paging.ts";
import { readQuery } from "./read-query.ts";

const reference = z.union([z.string().regex(/^\d{1,15}$/), secret]);

/** A path's `:key`: a secret or an id. What can be neither is a key that nobody has, so it is not looked up. */
export function readReference(parameter: string): string {
  const result = reference.safeParse(parameter);
  if (!result.success) throw keyNotFound();
  return result.data;
}

export const poolQuery = z.object({ region: region.exactOptional(), tag: tag.exactOptional() });

/** The pool that a hand-out's query asks for; without a region the service's own. */
export function readPool(service: Service, query: string): Pool {
  const { region = DEFAULT_REGION[service], tag } = readQuery(poolQuery, query);
  return tag ? { service, region, tag } : { service, region };
}

const paging = { page: page.exactOptional(), limit: limit.exactOptional() };

export const keyListQuery = z.object({
  status: z.enum(["enabled", "disabled", "cooldown"]).exactOptional(),
  region: region.exactOptional(),
  tag: tag.exactOptional(),
  ...paging,
});

/** Which keys to list; `asked` is null when neither a page nor a limit was given: then it is all of them. */
export function readKeyQuery(
  service: Service,
  query: string,
): { readonly keys: KeyQuery; readonly asked: Page | null } {
  const { tag, page, limit, ...others } = readQuery(keyListQuery, query);
  const keys = { service, ...others, ...(tag && { tag }) };
  if (page === undefined && limit === undefined) return { keys, asked: null };
  const asked = pageOf(page, limit);
  return { keys: { ...keys, ...windowOf(asked) }, asked };
}

export const logListQuery = z.object({
  key_id: integer(1, Number.MAX_SAFE_INTEGER).exactOptional(),
  action: z.enum(LOG_ACTIONS).exactOptional(),
  status_code: statusCode.exactOptional(),
  from: instant.exactOptional(),
  to: instant.exactOptional(),
  ...paging,
});

export function readLogQuery(
  service: Service,
  query: string,
): { readonly logs: LogQuery; readonly asked: Page } {
  const { key_id, status_code, page, limit, ...others } = readQuery(logListQuery, query);
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
