/** The first translation in an answer of Translator v3; null when the answer has another shape. */
export function translationIn(answer: unknown): string | null {
  const [first] = (Array.isArray(answer) ? answer : []) as readonly unknown[];
  const translations = fieldOf(first, "translations");
  const text = Array.isArray(translations) ? fieldOf(translations[0], "text") : undefined;
  return typeof text === "string" ? text : null;
}

/** `error.code`, a number or its digits in a string; undefined when there is none. */
export function errorCodeIn(answer: unknown): number | undefined {
  const code = fieldOf(fieldOf(answer, "error"), "code");
  return /^\d{6}$/.test(String(code)) ? Number(code) : undefined;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
