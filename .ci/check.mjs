// Types and lint, side by side: `npm run check`. Each type check on one thread, which takes half as much of the
// processor and hardly longer. A command that follows runs beside them, and has the terminal while it does: the tests
// leave a processor idle now and then.
import { spawn } from "node:child_process";
import { once } from "node:events";

const CHECKS = ["tsc --singleThreaded", "tsc --singleThreaded -p src/adapters/dashboard/page", "biome check"];
const COLOURS = process.stdout.isTTY ? { FORCE_COLOR: "1" } : {};
/** Of TypeScript, which collecting garbage costs a quarter of its time and spares a tenth of its memory. */
const NO_COLLECTION = { GOGC: "off" };

/** What it says, and whether it found nothing. */
async function checked(command) {
  // npm puts the programs on the PATH.
  const child = spawn(command, {
    shell: true,
    env: { ...NO_COLLECTION, ...process.env, ...COLOURS },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => said.push(chunk));
  const [code] = await once(child, "close");
  return { said: Buffer.concat(said), passed: code === 0 };
}

/** Who ends this ends the command, which then ends what it has started. */
async function passes([program, ...args]) {
  const child = spawn(program, args, { stdio: "inherit" });
  // A terminal tells the command as well.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  const [code] = await once(child, "close");
  return code === 0;
}

const checks = CHECKS.map(checked);
const command = process.argv.slice(2);
const commandPassed = command.length === 0 || (await passes(command));
// Each at once and whole, so that nothing is mixed up.
const results = await Promise.all(checks);
for (const { said } of results) process.stdout.write(said);
if (!commandPassed || results.some(({ passed }) => !passed)) process.exitCode = 1;
