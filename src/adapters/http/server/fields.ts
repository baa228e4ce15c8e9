import { z } from "zod";
import {
  DomainError,
  parseLanguage,
  parseMaxInFlight,
  parseName,
  parseProbeText,
  parseRegion,
  parseReportedRetryAfter,
  parseSecret,
  parseSettingDescription,
  parseSettingName,
  parseSettingValue,
  parseStatusCode,
  parseTag,
} from "../../../domain/index.ts";

/** Lets a rule of the domain judge a field, so that each rule is in one place. */
function ruledBy<I, O>(parse: (value: I) => O) {
  return (value: I, context: z.core.$RefinementCtx<I>): O => {
    try {
      return parse(value);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      for (const { message } of error.problems) context.addIssue({ code: "custom", message });
      return z.NEVER;
    }
  };
}

/** Text that a rule judges. What the documentation says of the rule is `meta`. */
function text<O>(parse: (value: string) => O, meta: z.core.GlobalMeta) {
  return z.string().meta(meta).transform(ruledBy(parse));
}

export const secret = text(parseSecret, {
  description: "The subscription key: visible ASCII characters",
  minLength: 8,
  maxLength: 256,
});
export const region = text(parseRegion, {
  description: "An Azure region such as eastasia: letters, digits and inner hyphens",
  minLength: 2,
  maxLength: 40,
});
export const keyName = text(parseName, { description: "A name for people", maxLength: 100 });
export const tag = text(parseTag, { description: "Narrows hand-outs; empty for none", maxLength: 50 });
export const maxInFlight = z
  .unknown()
  .meta({
    description: "How many leases of it may run at a time, from 1 to 10,000; null for any number",
    type: ["integer", "null"],
    minimum: 1,
    maximum: 10_000,
  })
  .transform(ruledBy(parseMaxInFlight));
export const statusCode = z
  .unknown()
  .meta({
    description: "An HTTP status, a numeric string is accepted",
    type: "integer",
    minimum: 100,
    maximum: 599,
  })
  .transform(ruledBy(parseStatusCode));

export const retryAfter = z
  .unknown()
  .meta({
    description:
      "What the service's Retry-After said: whole seconds, or an HTTP date. A cooldown that the code starts ends then",
    type: ["integer", "string", "null"],
    minimum: 0,
    examples: [30],
  })
  .transform(
    ruledBy((value): number | string | null => {
      if (value === null) return null;
      parseReportedRetryAfter(value);
      return value as number | string;
    }),
  );

export const settingName = text(parseSettingName, {
  description: "Letters, digits, _ - . and :",
  minLength: 1,
  maxLength: 100,
});
export const settingDescription = text(parseSettingDescription, { maxLength: 500 });

export const probeText = text(parseProbeText, {
  description: "What is spoken or translated",
  minLength: 1,
  maxLength: 200,
});
export const language = (field: "from" | "to") =>
  text((tag: string) => parseLanguage(field, tag), { description: "A language tag such as en or zh-Hans" });

/** Text, or a number or truth value that stands for its text. */
export const textual = z.union([z.string(), z.number(), z.boolean()], {
  error: ({ input }) => (input === undefined ? "is required" : "must be a string, number or boolean"),
});
export const settingValue = textual.transform(String).transform(ruledBy(parseSettingValue));

/** An integer in a query. */
export function integer(min: number, max: number) {
  const digits = z.string().meta({ type: "integer", minimum: min, maximum: max });
  return digits.transform((text, context) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    context.addIssue({ code: "custom", message: `must be an integer from ${min} to ${max}` });
    return z.NEVER;
  });
}

export const page = integer(1, 999_999_999);
export const limit = integer(1, 1000);
export const paging = { page: page.exactOptional(), limit: limit.exactOptional() };

const INSTANT = "An ISO 8601 time, UTC unless it says otherwise, or epoch milliseconds";
const ISO_8601 = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?$/;

/** An instant in a query as epoch milliseconds; a time without a zone is UTC. */
export const instant = z
  .string()
  .meta({ description: INSTANT, examples: ["2026-01-01T00:00:00Z"] })
  .transform((sent, context) => {
    if (/^\d{1,15}$/.test(sent)) return Number(sent);
    // A plus that was not encoded arrives as a space.
    const text = sent.replace(/ (?=\d\d:\d\d$)/, "+");
    const match = ISO_8601.exec(text);
    const isThere = match !== null && isDay(text.slice(0, 10));
    const at = isThere ? Date.parse(text.includes("T") && !match[1] ? `${text}Z` : text) : Number.NaN;
    if (!Number.isNaN(at)) return at;
    context.addIssue({ code: "custom", message: "must be an ISO 8601 time or epoch milliseconds" });
    return z.NEVER;
  });

/** `Date.parse` takes February 30th for March 2nd. */
function isDay(day: string): boolean {
  const at = Date.parse(day);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(day);
}
