import { randomBytes } from "node:crypto";

const SANE = /^[\w.:-]{1,64}$/;
// A key that was cut looks like none; ids of requests have no such runs, for what tells them apart is shorter.
const LIKE_A_CUT_KEY = /[0-9A-Za-z]{32}/;

// A random start tells processes apart; counting on from it is cheaper than a random number per request.
const prefix = randomBytes(6).toString("hex");
let count = 0;

/** The caller's own id where it is a harmless word, a new one otherwise; it is logged and answered. */
export function requestIdOf(
  header: string | string[] | undefined,
  holdsSecret: (text: string) => boolean,
): string {
  if (
    typeof header === "string" &&
    SANE.test(header) &&
    !LIKE_A_CUT_KEY.test(header) &&
    !holdsSecret(header)
  ) {
    return header;
  }
  count += 1;
  return `${prefix}-${count.toString(36)}`;
}
