import { z } from "zod";
import type { LongList } from "./long-list.ts";

export const time = z
  .string()
  .refine((text) => new Date(text).toISOString() === text)
  .meta({ format: "date-time", examples: ["2026-01-01T00:00:00.000Z"] });

export const count = z.int().min(0);

export const masked = z
  .string()
  .regex(/^[\s\S]{0,4}\*\*\*$/)
  .meta({ description: "The key's first four characters and ***", examples: ["abcd***"] });

export const paging = { total: count, page: z.int().min(1), limit: z.int().min(1), totalPages: count };

const fieldProblem = z
  .strictObject({ field: z.string(), message: z.string() })
  .meta({ id: "FieldProblem", description: "One bad field, named as it was sent" });

/** The answer of what went well. */
export function success<S extends z.ZodType>(data: S) {
  return z.strictObject({ success: z.literal(true), data, message: z.string() });
}

/** Every route has a handful of these, and they are the same few. */
const failures = new Map<string, ReturnType<typeof madeFailure>>();

export function failure(code: string | readonly string[], data?: z.ZodType) {
  const codes = typeof code === "string" ? [code] : code;
  if (data) return madeFailure(codes, data);
  const known = failures.get(codes.join());
  if (known) return known;
  const made = madeFailure(codes);
  failures.set(codes.join(), made);
  return made;
}

function madeFailure(codes: readonly string[], data?: z.ZodType) {
  return z.strictObject({
    success: z.literal(false),
    error: z.string().meta({ description: "What went wrong, for people" }),
    code: z.enum(codes),
    ...(data && { data }),
    ...(!data && codes.includes("invalid_request") && { details: z.array(fieldProblem).optional() }),
  });
}

/**
 * The schema of answers of this type. It compiles only when it says the same as the type, member by member. The
 * types are written out, for the client's must not need zod where it is installed.
 */
export function schemaOf<T>() {
  return <S extends z.ZodType>(schema: S & Agreement<T, z.output<S>>): S => schema;
}

/** What the handler of a route gives `succeed`, by the answers the route promises; a list may be sent in pieces. */
export type DataOf<A> = {
  [Status in keyof A]: A[Status] extends { readonly schema: z.ZodType<infer O> } ? DataIn<O> : never;
}[keyof A];

type DataIn<O> = O extends { readonly success: true; readonly data: infer D } ? Sendable<D> : never;

type Sendable<T> = T extends readonly (infer Item)[]
  ? readonly Sendable<Item>[] | LongList
  : T extends object
    ? { readonly [Name in keyof T]: Sendable<T[Name]> }
    : T;

type Agreement<T, O> = Same<Plain<T>, Plain<O>> extends true ? unknown : { readonly differsFrom: T };

type Same<A, B> = (<X>() => X extends A ? 1 : 2) extends <X>() => X extends B ? 1 : 2 ? true : false;

/** Read-only all through, as every answer is. */
type Plain<T> = T extends readonly (infer Item)[]
  ? readonly Plain<Item>[]
  : T extends object
    ? { readonly [Name in keyof T]: Plain<T[Name]> }
    : T;
