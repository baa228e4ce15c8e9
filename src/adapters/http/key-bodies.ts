import { z } from "zod";
import type { NewKey, Report } from "../../application/index.ts";
import { keyName, region, secret, statusCode, tag, textual } from "./fields.ts";

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
  .refine(({ keyname, region, tag }) => keyname !== undefined || region !== undefined || tag !== undefined, {
    error: "at least one of keyname, region and tag is needed",
  })
  .transform(({ keyname, region, tag }) => ({ name: keyname, region, tag }));

const note = textual.meta({ description: "A remark for the log, cut to 500 characters" }).nullish();

export const reportBody = z.object({ key: secret, code: statusCode, note }).transform(
  ({ key, code, note }): Omit<Report, "service"> => ({
    secret: key,
    code,
    note: note == null ? null : String(note),
  }),
);
