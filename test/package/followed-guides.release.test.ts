import { describe, it, onTestFinished, type TestContext } from "vitest";
import { required } from "../servers/found.ts";
import { findPostgres, freshDatabase } from "../servers/postgres-server.ts";
import { findPython } from "../servers/python.ts";
import { type Block, blocksOf, isMarked, reasonNotToRun } from "./guides/blocks.ts";
import { findMySql, oldPool } from "./guides/old-pool.ts";
import { GUIDES, programsOf } from "./guides/programs.ts";
import { Reader } from "./guides/reader.ts";

const EXECUTED = ["sh", "ts", "python"];

const toFollow = (page: string) => blocksOf(page).filter(({ language }) => EXECUTED.includes(language));

describe.each(GUIDES.filter((page) => toFollow(page).length > 0))("%s", (page) => {
  it("does what its blocks say, one after the other", async (context) => {
    await using reader = new Reader();
    await reader.start();
    const programs = new Map(programsOf(page).map(({ block, file }) => [block.place, file]));
    for (const block of toFollow(page)) {
      if (reasonNotToRun(block) !== undefined || (await lacks(context, block, reader))) continue;
      const file = programs.get(block.place);
      if (file === undefined) {
        await reader.follow(block);
        continue;
      }
      await reader.runProgram(file, block);
    }
  });
});

/** Whether this machine lacks what a block needs, which is then skipped where everybody sees it. */
async function lacks({ annotate }: TestContext, block: Block, reader: Reader): Promise<boolean> {
  const { place, language } = block;
  const python = language === "python" ? required(findPython()) : undefined;
  if (python && "missing" in python) return told(annotate, place, python.missing);
  if (isMarked(block, "with PostgreSQL")) {
    if (reader.meant.has(POSTGRES)) return false;
    const postgres = await findPostgres();
    if ("missing" in postgres) return told(annotate, place, postgres.missing);
    const { url, drop } = await freshDatabase(postgres.server);
    reader.meant.set(POSTGRES, url);
    onTestFinished(async () => {
      await drop();
      await postgres.server.stop();
    });
  } else if (isMarked(block, "with MySQL")) {
    if (reader.meant.has(OLD_POOL)) return false;
    const missing = findMySql();
    if (missing !== undefined) return told(annotate, place, missing);
    const { name, drop } = oldPool(reader.folder);
    onTestFinished(drop);
    reader.meant.set(OLD_POOL, name);
  }
  return false;
}

/** What the pages call the databases of their readers. */
const POSTGRES = "postgres://user:password@host/database";
const OLD_POOL = "old_pool";

async function told(annotate: TestContext["annotate"], place: string, missing: string): Promise<true> {
  await annotate(`${place} was not run: ${missing}`, "warning");
  console.warn(`${place} was not run: ${missing}`);
  return true;
}
