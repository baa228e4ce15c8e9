import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = new URL("../../", import.meta.url);
const { scripts } = JSON.parse(readFileSync(new URL("package.json", ROOT), "utf8")) as {
  readonly scripts: Readonly<Record<string, string>>;
};

/** What an npm script has Node run, with paths that hold from any folder. */
export function argumentsOf(script: string): readonly string[] {
  const [program, ...words] = scripts[script]?.split(" ") ?? [];
  if (program !== "node") throw new Error(`No npm script ${script} runs Node`);
  return words.map((word, index) => {
    if (!word.includes("/")) return word;
    const url = new URL(word, ROOT);
    return words[index - 1] === "--import" ? url.href : fileURLToPath(url);
  });
}

/** What `npm start` has Node run. */
export const START_ARGUMENTS: readonly string[] = argumentsOf("start");

/** The flags among them that are for V8. */
export const V8_FLAGS: readonly string[] = START_ARGUMENTS.filter((word) =>
  /^--(max|no|memory|initial)-/.test(word),
);
