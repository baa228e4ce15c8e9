import { z } from "zod";
import type { ImportOptions } from "../../../application/index.ts";
import { SERVICES } from "../../../domain/index.ts";
import { count, masked, schemaOf } from "../server/answer-schemas.ts";
import { keyName, maxInFlight, region, secret, tag } from "../server/fields.ts";
import { parseText } from "../server/json-text.ts";
import { wording } from "../server/validate.ts";
import type { ImportFindings, ImportReport, ImportTemplate } from "./upload-answers.ts";
import { isFile } from "./upload-forms.ts";
import { MOST_ROWS, TOO_MANY_ROWS } from "./upload-limits.ts";

export const templateQuery = z.object({ type: z.enum(SERVICES).exactOptional() });

const flag = z
  .enum(["true", "false"])
  .transform((text) => text === "true")
  .exactOptional();

/** What a text cannot say of itself. */
export const uploadQuery = z.object({
  type: z.enum(SERVICES).exactOptional(),
  region: region.exactOptional(),
  validateBeforeCreate: flag,
  enableAfterCreate: flag,
  overwriteExisting: flag,
  overwrite: flag,
  testBeforeCreate: flag,
});

export type UploadQuery = z.output<typeof uploadQuery>;

const choice = z.boolean().nullish();

const importOptions = z
  // A misspelt option would otherwise do the opposite of what was asked for.
  .strictObject({
    validateBeforeCreate: choice,
    enableAfterCreate: choice,
    overwriteExisting: choice,
    overwrite: choice,
    testBeforeCreate: choice,
  })
  .transform(
    ({ overwrite, ...options }): ImportOptions => ({
      validateBeforeCreate: options.validateBeforeCreate ?? undefined,
      enableAfterCreate: options.enableAfterCreate ?? undefined,
      overwriteExisting: options.overwriteExisting ?? overwrite ?? undefined,
      testBeforeCreate: options.testBeforeCreate ?? undefined,
    }),
  )
  .nullish();

// The rows themselves are judged one by one, some at a time; here they only have to be there.
const rows = z.unknown().transform((value, context): readonly unknown[] => {
  const problem = problemWith(value);
  if (problem === undefined) return value as readonly unknown[];
  context.addIssue({ code: "custom", message: problem });
  return z.NEVER;
});

const importFile = z.object({ type: z.enum(SERVICES).nullish(), keys: rows, options: importOptions });

const jsonData = z.unknown().transform(opened).pipe(importFile);

const outerType = z.enum(SERVICES).nullish().meta({
  description: "Wins over the file's own type. Default: the file's, or else speech",
});

const wholeFile = z.unknown().transform(opened).pipe(importFile);

export const validateBody = whole(
  wholeFile.transform(({ type, keys }) => ({ service: type ?? "speech", rows: keys })),
  z
    .object({ type: outerType, jsonData })
    .transform(({ type, jsonData: file }) => ({ service: type ?? file.type ?? "speech", rows: file.keys })),
);

/** What stands beside the file wins over what stands in it. */
export const createKeysBody = whole(
  wholeFile.transform(({ type, keys, options }) => ({
    service: type ?? "speech",
    rows: keys,
    options: options ?? {},
  })),
  z
    .object({ type: outerType, jsonData, options: importOptions })
    .transform(({ type, jsonData: { type: innerType, keys, options: inner }, options: outer }) => ({
      service: type ?? innerType ?? "speech",
      rows: keys,
      options: {
        validateBeforeCreate: outer?.validateBeforeCreate ?? inner?.validateBeforeCreate,
        enableAfterCreate: outer?.enableAfterCreate ?? inner?.enableAfterCreate,
        overwriteExisting: outer?.overwriteExisting ?? inner?.overwriteExisting,
        testBeforeCreate: outer?.testBeforeCreate ?? inner?.testBeforeCreate,
      } satisfies ImportOptions,
    })),
);

/** A body that is the file itself, or has it as `jsonData`. A union would say of either what is wrong with it. */
function whole<T>(file: z.ZodType<T>, wrapped: z.ZodType<T>) {
  return z.unknown().transform((body, context): T => {
    const result = (isFile(body) ? file : wrapped).safeParse(body, { error: wording });
    if (result.success) return result.data;
    for (const issue of result.error.issues) context.addIssue({ ...issue });
    return z.NEVER;
  });
}

/** A file is an object, its bare array of keys, or the text of either. */
function opened(value: unknown, context: z.core.$RefinementCtx): unknown {
  const file = typeof value === "string" ? parseText(value) : value;
  if (Array.isArray(file)) return { keys: file };
  if (typeof file === "object" && file !== null) return file;
  const message = file === undefined && value !== undefined ? "must be valid JSON" : NO_FILE;
  context.addIssue({ code: "custom", message: value === undefined ? "is required" : message });
  return z.NEVER;
}

const NO_FILE = "must be a JSON object, an array of keys, or the text of either";

function problemWith(rows: unknown): string | undefined {
  if (rows === undefined) return "is required";
  if (!Array.isArray(rows)) return "must be a JSON array";
  if (rows.length === 0) return "must hold at least one key";
  return rows.length > MOST_ROWS ? TOO_MANY_ROWS : undefined;
}

const documentedRow = z
  .object({
    key: secret,
    region,
    keyname: keyName.nullish(),
    tag: tag.nullish(),
    status: z.enum(["enabled", "disabled"]).nullish(),
    max_in_flight: maxInFlight.optional(),
  })
  .meta({ id: "ImportRow" });

const documentedRows = z.array(documentedRow);
const documentedFile = importFile.extend({ keys: documentedRows }).meta({ id: "ImportFile" });

const documentedWrapping = z.object({
  type: outerType,
  jsonData: z
    .union([documentedFile, documentedRows, z.string()])
    .meta({ description: "The file, its bare array of keys, or the text of either" }),
});

/** What the bodies are once their rows have been checked too. */
export const documentedValidateBody = z.union([documentedWrapping, documentedFile, documentedRows]);
export const documentedCreateKeysBody = z.union([
  documentedWrapping.extend({ options: importOptions }),
  documentedFile,
  documentedRows,
]);

const rowFinding = z
  .strictObject({ index: count, field: z.string(), message: z.string() })
  .meta({ id: "RowProblem", description: "One bad field of one row, counted from 0" });

export const importFindings = schemaOf<ImportFindings>()(
  z.strictObject({
    valid: z.boolean(),
    total: count,
    errors: z.array(rowFinding),
    warnings: z.array(rowFinding).meta({ description: "Keys that are in the pool already" }),
  }),
);

export const importReport = schemaOf<ImportReport>()(
  z
    .strictObject({
      total: count,
      success: count.meta({ description: "Rows that created or changed a key" }),
      failed: count,
      skipped: count,
      results: z.array(
        z.strictObject({
          index: count,
          id: z.int().exactOptional(),
          key: masked,
          status: z.enum(["created", "updated", "skipped", "failed"]),
          error: z.string().exactOptional(),
        }),
      ),
    })
    .meta({ id: "ImportOutcome", description: "What became of each row" }),
);

export const template = schemaOf<ImportTemplate>()(
  z.strictObject({
    type: z.enum(SERVICES),
    keys: z.array(
      z.strictObject({
        key: z.string(),
        region: z.string(),
        keyname: z.string(),
        tag: z.string(),
        status: z.enum(["enabled", "disabled"]),
        max_in_flight: z.int().nullable(),
      }),
    ),
    options: z.strictObject({
      validateBeforeCreate: z.boolean(),
      enableAfterCreate: z.boolean(),
      overwriteExisting: z.boolean(),
      testBeforeCreate: z.boolean(),
    }),
  }),
);
