import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = new URL("../../", import.meta.url);
const { scripts } = JSON.parse(readFileSync(new URL("package.json", ROOT), "utf8")) as {
  readonly scripts: { readonly start: string };
};
const [, ...words] = scripts.start.split(" ");

/** What `npm start` has Node run, with paths that hold from any folder. */
export const START_ARGUMENTS: readonly string[] = words.map((word, index) => {
  if (word.startsWith("-")) return word;
  const url = new URL(word, ROOT);
  return words[index - 1] === "--import" ? url.href : fileURLToPath(url);
});

/** The flags among them that are for V8. */
export const V8_FLAGS: readonly string[] = words.filter((word) => /^--(max|no|memory)-/.test(word));
