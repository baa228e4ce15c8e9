import { invalid } from "./errors.ts";

/** Checks a reported HTTP status: an integer from 100 to 599, or its digits. Throws `invalid_request`. */
export function parseStatusCode(value: unknown): number {
  const code = typeof value === "string" && /^\d{3}$/.test(value) ? Number(value) : value;
  if (typeof code !== "number" || !Number.isInteger(code) || code < 100 || code > 599) {
    throw invalid({ field: "code", message: "must be an integer from 100 to 599" });
  }
  return code;
}

/** Whether an HTTP status is 2xx. */
export function isSuccess(code: number): boolean {
  return code >= 200 && code <= 299;
}
