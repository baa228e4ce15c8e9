import { randomBytes } from "node:crypto";

const SANE = /^[\w.:-]{1,64}$/;

// A random start tells processes apart; counting on from it is cheaper than a random number per request.
const prefix = randomBytes(6).toString("hex");
let count = 0;

/** The caller's own id where it is a harmless word, a new one otherwise. */
export function requestIdOf(header: string | string[] | undefined): string {
  if (typeof header === "string" && SANE.test(header)) return header;
  count += 1;
  return `${prefix}-${count.toString(36)}`;
}
