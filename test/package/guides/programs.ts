import { globSync } from "node:fs";
import { ROOT } from "../packed.ts";
import { type Block, blocksOf } from "./blocks.ts";

/** The end of a file with a suite of tests. */
export const SUITE = ".test.ts";

/** The pages for users; the command line's has tests of its own. */
export const GUIDES = globSync("docs/*.md", { cwd: ROOT })
  .filter((page) => !/zh-CN|architecture|command-line/.test(page))
  .toSorted();

/** A program of a page, and the file that it is put into. */
export interface Program {
  readonly block: Block;
  readonly file: string;
}

export function programsOf(page: string): readonly Program[] {
  const programs = blocksOf(page).filter(({ language }) => language === "ts");
  return programs.map((block, index) => ({
    block,
    file: `${page.slice(5, -3)}-${index + 1}${suffixOf(block)}`,
  }));
}

/** A suite is run by the test runner. */
function suffixOf({ code }: Block): string {
  return code.includes('"azure-key-pool/testing"') ? SUITE : ".ts";
}
