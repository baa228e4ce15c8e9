import { z } from "zod";
import type { FailureCode } from "../answers.ts";
import type { Method } from "../request-context.ts";

export interface DocumentedAnswer {
  readonly description: string;
  /** Absent when there is no body. */
  readonly schema?: z.ZodType;
  /** Whether browsers are answered a page instead. */
  readonly page?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a caller may send to a route and what comes back. */
export interface Operation {
  /** The heading it stands under. */
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** What `:key` in the path is. */
  readonly key?: string;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** A body to start from. */
  readonly example?: unknown;
  /** What comes back when it went well, or as well as a verdict goes; by HTTP status. */
  readonly answers: Readonly<Record<number, DocumentedAnswer>>;
  /** What may go wrong besides a bad request and a fault of our own. */
  readonly failures: readonly FailureCode[];
}

export type Operations = Readonly<Record<string, Readonly<Partial<Record<Method, Operation>>>>>;

export function success(data: z.ZodType) {
  return z.strictObject({ success: z.literal(true), data, message: z.string() });
}

export const fieldProblem = z
  .strictObject({ field: z.string(), message: z.string() })
  .meta({ id: "FieldProblem", description: "One bad field, named as it was sent" });

export function failure(code: string | readonly string[], data?: z.ZodType) {
  const codes = typeof code === "string" ? [code] : code;
  return z.strictObject({
    success: z.literal(false),
    error: z.string().meta({ description: "What went wrong, for people" }),
    code: z.enum(codes),
    ...(data && { data }),
    ...(!data && codes.includes("invalid_request") && { details: z.array(fieldProblem).optional() }),
  });
}

/** What every operation that reads or writes may meet. */
export const STORAGE: readonly FailureCode[] = ["storage_unavailable"];

/** The same for those that read a body. */
export const BODY: readonly FailureCode[] = ["payload_too_large", "unsupported_media_type", ...STORAGE];
