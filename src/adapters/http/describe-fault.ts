import { maskSecret, maskSecretIn } from "../../domain/index.ts";

// Azure's keys are runs of letters and digits; nothing else in an error is that long.
const SECRET_LIKE = /[A-Za-z0-9]{32,}/g;
const DEEPEST_CAUSE = 5;

/**
 * An error for the log, with whatever may be a secret masked: long runs of letters and digits, and every
 * text of the request (`values`: its parameters and body) that could be a key.
 */
export function describeFault(error: unknown, values: readonly unknown[]): object {
  const candidates = [...textsIn(values)].sort((a, b) => b.length - a.length);
  // Thrown values come from anywhere: what should be a text may be anything, and must not fail here.
  const clean = (text: unknown) =>
    candidates.reduce(maskSecretIn, isPlain(text) ? `${text}` : "").replace(SECRET_LIKE, maskSecret);

  const describe = (fault: unknown, depth: number): object => {
    if (!(fault instanceof Error)) return { type: typeof fault, message: clean(fault) };
    const { name, message, stack, cause } = fault;
    const code = "code" in fault ? { code: clean(fault.code) } : {};
    const because = cause === undefined || depth === 0 ? {} : { cause: describe(cause, depth - 1) };
    return { type: clean(name), ...code, message: clean(message), stack: clean(stack), ...because };
  };
  return describe(error, DEEPEST_CAUSE);
}

function isPlain(value: unknown): value is string | number {
  return typeof value === "string" || typeof value === "number";
}

/** Every text in the values that has the length of a key; a loop, for a body may be nested deep. */
function textsIn(values: readonly unknown[]): ReadonlySet<string> {
  const texts = new Set<string>();
  const pending: unknown[] = [...values];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value === "string") {
      for (const word of [value, ...value.split(/\s+/)]) {
        if (word.length >= 8 && word.length <= 256) texts.add(word);
      }
    } else if (typeof value === "object" && value !== null) {
      for (const [name, inner] of Object.entries(value)) pending.push(name, inner);
    }
  }
  return texts;
}
