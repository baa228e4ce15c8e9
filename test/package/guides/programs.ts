import { globSync } from "node:fs";
import { basename } from "node:path";
import { ROOT } from "../packed.ts";
import { type Block, blocksOf } from "./blocks.ts";

/** The end of a file with a suite of tests. */
export const SUITE = ".test.ts";
/** The end of a program in Python. */
export const PYTHON = ".py";

/** The pages for users; the command line's has tests of its own. */
export const GUIDES = globSync(["docs/*.md", "clients/*/README.md"], { cwd: ROOT })
  .filter((page) => !/zh-CN|architecture|command-line/.test(page))
  .toSorted();

/** A program of a page, and the file that it is put into. */
export interface Program {
  readonly block: Block;
  readonly file: string;
}

export function programsOf(page: string): readonly Program[] {
  const programs = blocksOf(page).filter(({ language }) => language === "ts" || language === "python");
  return programs.map((block, index) => ({
    block,
    file: `${basename(page, ".md")}-${index + 1}${suffixOf(block)}`,
  }));
}

/** A suite is run by the test runner. */
function suffixOf({ code, language }: Block): string {
  if (language === "python") return PYTHON;
  return code.includes('"azure-key-pool/testing"') ? SUITE : ".ts";
}
