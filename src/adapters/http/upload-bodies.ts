import { z } from "zod";
import type { ImportOptions } from "../../application/index.ts";
import { SERVICES } from "../../domain/index.ts";
import { parseText } from "./json-text.ts";

/** Many times what a team owns, and few enough that the answer, a line for each, stays small. */
export const MOST_ROWS = 200_000;
/** Six for each of the most rows, with some to spare; parsed, they take about 200 MB at most. */
export const MOST_VALUES = 1_500_000;

export const TOO_MANY_ROWS = `must hold at most ${MOST_ROWS} keys`;

export const templateQuery = z.object({ type: z.enum(SERVICES).exactOptional() });

const choice = z.boolean().nullish();

export const importOptions = z
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

export const importFile = z.object({ type: z.enum(SERVICES).nullish(), keys: rows, options: importOptions });

const jsonData = z.unknown().transform(opened).pipe(importFile);

export const outerType = z.enum(SERVICES).nullish();

export const validateBody = z
  .object({ type: outerType, jsonData })
  .transform(({ type, jsonData: file }) => ({ service: type ?? file.type ?? "speech", rows: file.keys }));

/** What stands beside the file wins over what stands in it. */
export const createKeysBody = z
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
  }));

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
