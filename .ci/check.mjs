// Types and lint, side by side: `npm run check`. Each type check on one thread, which takes half as much of the
// processor and hardly longer.
import { spawn } from "node:child_process";

const CHECKS = ["tsc --singleThreaded", "tsc --singleThreaded -p src/adapters/dashboard/page", "biome check"];
const COLOURS = process.stdout.isTTY ? { FORCE_COLOR: "1" } : {};

/** Whether it found nothing; what it says comes when it has ended, so that nothing is mixed up. */
async function passes(command) {
  const { promise, resolve } = Promise.withResolvers();
  // npm puts the programs on the PATH.
  const child = spawn(command, {
    shell: true,
    env: { ...process.env, ...COLOURS },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => said.push(chunk));
  child.on("close", resolve);
  const code = await promise;
  process.stdout.write(Buffer.concat(said));
  return code === 0;
}

const passed = await Promise.all(CHECKS.map(passes));
if (passed.includes(false)) process.exitCode = 1;
