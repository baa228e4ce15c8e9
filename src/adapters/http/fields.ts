import { z } from "zod";
import {
  DomainError,
  parseLanguage,
  parseName,
  parseProbeText,
  parseRegion,
  parseSecret,
  parseSettingDescription,
  parseSettingName,
  parseSettingValue,
  parseStatusCode,
  parseTag,
} from "../../domain/index.ts";

/** Lets a rule of the domain judge a field, so that each rule stands in one place. */
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

export const secret = z.string().transform(ruledBy(parseSecret));
export const region = z.string().transform(ruledBy(parseRegion));
export const keyName = z.string().transform(ruledBy(parseName));
export const tag = z.string().transform(ruledBy(parseTag));
export const statusCode = z.unknown().transform(ruledBy(parseStatusCode));

export const probeText = z.string().transform(ruledBy(parseProbeText));
export const language = (field: "from" | "to") =>
  z.string().transform(ruledBy((tag: string) => parseLanguage(field, tag)));

export const settingName = z.string().transform(ruledBy(parseSettingName));
export const settingDescription = z.string().transform(ruledBy(parseSettingDescription));

/** Text, or a number or truth value that stands for its text. */
export const textual = z.union([z.string(), z.number(), z.boolean()], {
  error: ({ input }) => (input === undefined ? "is required" : "must be a string, number or boolean"),
});
export const settingValue = textual.transform(String).transform(ruledBy(parseSettingValue));

/** An integer in a query. */
export function integer(min: number, max: number) {
  return z.string().transform((text, context) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    context.addIssue({ code: "custom", message: `must be an integer from ${min} to ${max}` });
    return z.NEVER;
  });
}

export const page = integer(1, 999_999_999);
export const limit = integer(1, 1000);

const ISO_8601 = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?$/;

/** An instant in a query as epoch milliseconds; a time without a zone is UTC. */
export const instant = z.string().transform((text, context) => {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const match = ISO_8601.exec(text);
  const at = match ? Date.parse(text.includes("T") && !match[1] ? `${text}Z` : text) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  context.addIssue({ code: "custom", message: "must be an ISO 8601 time or epoch milliseconds" });
  return z.NEVER;
});
