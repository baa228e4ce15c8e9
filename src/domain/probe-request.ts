import { invalid } from "./errors.ts";

const TEXT_LENGTH = 200;
const LANGUAGE = /^[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,3}$/i;

/** Checks the text that a probe speaks or translates: 1 to 200 characters. Throws `invalid_request`. */
export function parseProbeText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  const unusable = /[\u0000-\u001f\u007f]/.test(text) || !text.isWellFormed();
  if (unusable || text.trim() === "" || text.length > TEXT_LENGTH) {
    const message = `must be 1 to ${TEXT_LENGTH} characters, none of them control characters`;
    throw invalid({ field: "text", message });
  }
  return text;
}

/** Checks a language tag such as `en`, `pt-BR` or `zh-Hans`. Throws `invalid_request`. */
export function parseLanguage(field: "from" | "to", tag: string): string {
  if (!LANGUAGE.test(tag)) throw invalid({ field, message: "must be a language tag such as en or zh-Hans" });
  return tag;
}
