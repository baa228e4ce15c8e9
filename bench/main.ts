import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Bench, FULL, QUICK } from "./bench.ts";
import { FIGURES } from "./figures/index.ts";
import { findLoadTool } from "./load/find-load-tool.ts";
import { renderTable } from "./render-table.ts";
import { type Row, ratioOf, reachedBy, unmeasured } from "./row.ts";

const { values, positionals } = parseArgs({
  options: { quick: { type: "boolean", default: false }, json: { type: "boolean", default: false } },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !(name in FIGURES));
if (unknown.length > 0) {
  console.error(`No figure ${unknown.join(", ")}; there are ${Object.keys(FIGURES).join(", ")}`);
  process.exit(1);
}

const folder = mkdtempSync(join(tmpdir(), "key-pool-bench-"));
const tool = findLoadTool();
const effort = values.quick ? QUICK : FULL;
const bench: Bench = { effort, tool, scratchFile: (name) => join(folder, name) };
const rows: Row[] = [];
try {
  for (const [name, figure] of Object.entries(FIGURES)) {
    if (positionals.length > 0 && !positionals.includes(name)) continue;
    console.error(`measuring ${name} …`);
    rows.push(...(await figure(bench).catch((error: Error) => [unmeasured(name, error.message)])));
  }
} finally {
  rmSync(folder, { recursive: true });
}

const cpus = availableParallelism();
const results = rows.map((row) => ({ ...row, ratio: ratioOf(row), reached: reachedBy(row) }));
const json = JSON.stringify({ node: process.version, cpus, tool: tool.name, effort, results }, null, 2);
writeFileSync(new URL("./results.json", import.meta.url), `${json}\n`);
if (values.json) console.log(json);
else {
  const mode = values.quick ? "quick, for a smoke test only" : "full";
  console.log(
    `Node ${process.version}, ${cpus} CPUs, ${tool.name}, ${effort.rounds} rounds in turn (${mode})\n`,
  );
  console.log(renderTable(rows));
}
