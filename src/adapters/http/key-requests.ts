import { z } from "zod";
import type { NewKey, Report } from "../../application/index.ts";
import { DEFAULT_REGION, LOG_ACTIONS, type Pool, type Service } from "../../domain/index.ts";
import {
  instant,
  integer,
  keyName,
  limit,
  page,
  region,
  secret,
  statusCode,
  tag,
  textual,
} from "./fields.ts";
import { readQuery } from "./read-query.ts";

export const newKeyBody = z
  .object({ key: secret, region, keyname: keyName.nullish(), tag: tag.nullish() })
  .transform(
    ({ key, region, keyname, tag }): Omit<NewKey, "service"> => ({
      secret: key,
      region,
      name: keyname ?? "",
      tag: tag ?? null,
    }),
  );

export const keyUpdateBody = z
  .object({ keyname: keyName.optional(), region: region.optional(), tag: tag.nullish() })
  .transform(({ keyname, region, tag }) => ({ name: keyname, region, tag }));

export const reportBody = z.object({ key: secret, code: statusCode, note: textual.nullish() }).transform(
  ({ key, code, note }): Omit<Report, "service"> => ({
    secret: key,
    code,
    note: note == null ? null : String(note),
  }),
);

const handOutQuery = z.object({ region: region.exactOptional(), tag: tag.exactOptional() });

/** The pool that a hand-out's query asks for; without a region the service's own. */
export function readPool(service: Service, query: string): Pool {
  const { region = DEFAULT_REGION[service], tag } = readQuery(handOutQuery, query);
  return tag ? { service, region, tag } : { service, region };
}

export const keyListQuery = z.object({
  status: z.enum(["enabled", "disabled", "cooldown"]).exactOptional(),
  region: region.exactOptional(),
  tag: tag.exactOptional(),
  page: page.exactOptional(),
  limit: limit.exactOptional(),
});

export const logListQuery = z.object({
  page: page.exactOptional(),
  limit: limit.exactOptional(),
  key_id: integer(1, Number.MAX_SAFE_INTEGER).exactOptional(),
  action: z.enum(LOG_ACTIONS).exactOptional(),
  status_code: statusCode.exactOptional(),
  from: instant.exactOptional(),
  to: instant.exactOptional(),
});
