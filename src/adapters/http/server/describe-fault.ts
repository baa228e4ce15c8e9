import { maskSecret, maskSecretIn, maskSecretLike } from "../../../domain/index.ts";

// Azure's keys are runs of letters and digits; nothing else in an error is that long.
const SECRET_LIKE = /[A-Za-z0-9]{32,}/g;
const DEEPEST_CAUSE = 5;
const SHORTEST_SECRET = 8;
const LONGEST_SECRET = 256;

/**
 * An error for the log, with whatever may be a secret masked: tokens, long runs of letters and digits, and every
 * text of the request (`values`: its parameters and body) that could be a key.
 */
export function describeFault(error: unknown, values: readonly unknown[]): object {
  const candidates = [...textsIn(values, beginningsIn(error))].sort((a, b) => b.length - a.length);
  // Thrown values come from anywhere: what should be a text may be anything, and must not fail here.
  const clean = (text: unknown) =>
    maskSecretLike(candidates.reduce(maskSecretIn, isPlain(text) ? `${text}` : "")).replace(
      SECRET_LIKE,
      maskSecret,
    );

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

/**
 * The beginning of whatever could be a secret in the texts of an error. The body of an import has hundreds of
 * thousands of texts: looking for each of them in the error would stop the server for half a second.
 */
function beginningsIn(error: unknown): ReadonlySet<string> {
  const beginnings = new Set<string>();
  const add = (text: unknown) => {
    if (!isPlain(text)) return;
    const all = `${text}`;
    for (let at = 0; at <= all.length - SHORTEST_SECRET; at++) {
      beginnings.add(all.slice(at, at + SHORTEST_SECRET));
    }
  };
  let fault = error;
  for (let depth = 0; depth <= DEEPEST_CAUSE && fault instanceof Error; depth++) {
    for (const text of [fault.name, fault.message, fault.stack, "code" in fault ? fault.code : ""]) add(text);
    fault = fault.cause;
  }
  add(fault);
  return beginnings;
}

/** Every text in the values that could be a key and begins so; a loop, for a body may be nested deep. */
function textsIn(values: readonly unknown[], beginnings: ReadonlySet<string>): ReadonlySet<string> {
  const texts = new Set<string>();
  const add = (text: string) => {
    if (text.length < SHORTEST_SECRET || text.length > LONGEST_SECRET) return;
    if (beginnings.has(text.slice(0, SHORTEST_SECRET))) texts.add(text);
  };
  const addWithWords = (text: string) => {
    add(text);
    if (/\s/.test(text)) for (const word of text.split(/\s+/)) add(word);
  };
  const pending: unknown[] = [...values];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value === "string") {
      addWithWords(value);
    } else if (typeof value === "object" && value !== null) {
      for (const name of Object.keys(value)) {
        addWithWords(name);
        pending.push((value as Record<string, unknown>)[name]);
      }
    }
  }
  return texts;
}
