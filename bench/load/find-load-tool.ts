import { spawnSync } from "node:child_process";
import { autocannon } from "./autocannon.ts";
import type { LoadTool } from "./load-tool.ts";
import { wrk } from "./wrk.ts";

/** wrk where it is installed: it takes far less of the machine than a load made in JavaScript. */
export function findLoadTool(): LoadTool {
  const { error } = spawnSync("wrk", ["-v"]);
  return error ? autocannon : wrk;
}
