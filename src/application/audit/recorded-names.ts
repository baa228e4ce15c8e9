import type { KeyDescription } from "../../domain/index.ts";

/**
 * What rows of the log and of the audit call a key's fields. Old rows are shown as they were written, and the audit's
 * code is of their very text: these names stay as they are.
 */
export const RECORDED_AS = {
  secret: "key",
  region: "region",
  name: "keyname",
  tag: "tag",
  maxInFlight: "max_in_flight",
} as const satisfies Readonly<Record<"secret" | keyof KeyDescription, string>>;
