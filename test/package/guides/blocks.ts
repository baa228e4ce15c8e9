import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../packed.ts";

/** A fenced block of a page, in the order of the page. */
export interface Block {
  /** `docs/moving.md:12`. */
  readonly place: string;
  readonly language: string;
  readonly code: string;
  /** What the HTML comment right above it says of how it is run; readers do not see it. */
  readonly mark: string | undefined;
  /** The block of `text` that follows: what running it prints, with anything in place of each "…". */
  readonly shown: string | undefined;
}

const FENCE = /(?:^<!-- ([^\n]*) -->\n)?^```(\w*)\n([\s\S]*?)^```$/gm;

export function blocksOf(page: string): readonly Block[] {
  const text = readFileSync(join(ROOT, page), "utf8");
  const found = Array.from(text.matchAll(FENCE), ({ index, 1: mark, 2: language = "", 3: code = "" }) => ({
    place: `${page}:${text.slice(0, index).split("\n").length}`,
    language,
    code,
    mark,
  }));
  return found.map((block, index) => {
    const next = found[index + 1];
    return { ...block, shown: next?.language === "text" && !next.mark ? next.code : undefined };
  });
}

/** Whether the comment above a block says this, alone or between semicolons. */
export function isMarked({ mark = "" }: Block, word: string): boolean {
  return mark.split("; ").includes(word);
}

/** Why a block is not run; undefined for one that is. */
export function reasonNotToRun({ mark }: Block): string | undefined {
  return mark?.startsWith("not run: ") ? mark.slice("not run: ".length) : undefined;
}

/** The block without what a translation may change: comments, and the labels of a diagram. */
export function untranslated({ language, code, mark }: Block) {
  const comment = {
    sh: /(^|\s+)# .*/gm,
    python: /(^|\s+)# .*/gm,
    ts: /(^|\s+)\/\/ .*/gm,
    mermaid: /(: .*| as \w+|".*?")$/gm,
  }[language];
  return { language, mark, code: comment ? code.replaceAll(comment, "") : code };
}

/** What is shown, with anything in place of each "…"; empty lines do not count. */
export function patternOf(shown: string): RegExp {
  const parts = tidied(shown)
    .split("…")
    .map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
  return new RegExp(`^${parts.join(String.raw`[\s\S]*?`)}$`);
}

export function tidied(text: string): string {
  return text
    .split("\n")
    .map((line) => line.trimEnd())
    .filter(Boolean)
    .join("\n");
}
