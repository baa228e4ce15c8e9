import { z } from "zod";
import { keyName, tag as keyTag, region, secret } from "../fields.ts";
import { importTemplate } from "../import-template.ts";
import {
  importFile,
  importOptions,
  MOST_ROWS,
  MOST_VALUES,
  outerType,
  templateQuery,
} from "../upload-bodies.ts";
import { BODY, failure, type Operations, success } from "./operation.ts";
import { importOutcome, importVerdict, template } from "./other-answers.ts";

const tag = "Import";

const row = z
  .object({
    key: secret,
    region,
    keyname: keyName.nullish(),
    tag: keyTag.nullish(),
    status: z.enum(["enabled", "disabled"]).nullish(),
  })
  .meta({ id: "ImportRow" });

const jsonData = z
  .union([importFile.extend({ keys: z.array(row) }), z.array(row), z.string()])
  .meta({ description: "The file, its bare array of keys, or the text of either" });

const type = outerType.meta({
  description: "Wins over the file's own type. Default: the file's, or else speech",
});
const LIMITS = `Up to 32 MB, ${MOST_ROWS} keys and ${MOST_VALUES} JSON values.`;

const example = { jsonData: importTemplate("speech"), options: { validateBeforeCreate: true } };
const outcome = success(importOutcome);

export const UPLOAD_OPERATIONS: Operations = {
  "/upload/template": {
    GET: {
      tag,
      summary: "Download a file to fill in",
      query: templateQuery,
      answers: {
        200: {
          description: "A file that create-keys accepts as it is",
          schema: template,
          headers: { "Content-Disposition": "The file's name" },
        },
      },
      failures: [],
    },
  },
  "/upload/validate": {
    POST: {
      tag,
      summary: "Check a file, and change nothing",
      description: LIMITS,
      body: z.object({ type, jsonData }),
      example: { jsonData: example.jsonData },
      answers: { 200: { description: "Everything that is wrong with it", schema: success(importVerdict) } },
      failures: BODY,
    },
  },
  "/upload/create-keys": {
    POST: {
      tag,
      summary: "Import many keys",
      description: `${LIMITS} Type and options beside jsonData win over those in it. Keys that exist are skipped, so an import that was cut short can be run again. With testBeforeCreate, an import ends when its caller hangs up.`,
      body: z.object({ type, jsonData, options: importOptions }),
      example,
      answers: {
        200: { description: "Nothing failed and nothing was created", schema: outcome },
        201: { description: "Nothing failed and some keys were created", schema: outcome },
        207: { description: "Some rows failed", schema: outcome },
        400: {
          description: "All rows failed, or validation stopped the import",
          schema: failure("invalid_request", importOutcome),
        },
      },
      failures: ["probe_unavailable", ...BODY],
    },
  },
};
