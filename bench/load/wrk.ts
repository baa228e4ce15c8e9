import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { CONNECTIONS, type LoadTool } from "./load-tool.ts";

const run = promisify(execFile);
const SCRIPT = fileURLToPath(new URL("./wrk.lua", import.meta.url));

export const wrk: LoadTool = {
  name: `wrk -t1 -c${CONNECTIONS}`,
  run: async ({ url, seconds, bodies, token }) => {
    const options = ["-t1", `-c${CONNECTIONS}`, `-d${seconds}s`, "-s", SCRIPT];
    if (token !== undefined) options.push("-H", `Authorization: Bearer ${token}`);
    options.push(url);
    const { stdout } = await run("wrk", bodies === undefined ? options : [...options, "--", bodies]);
    const { answered, micros, p99Micros, errors } = JSON.parse(stdout.slice(stdout.lastIndexOf("\n{")));
    return { answered, perSecond: answered / (micros / 1e6), p99Ms: p99Micros / 1000, errors };
  },
};
