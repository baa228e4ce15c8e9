// Ends a start on a Node that is too old, before it meets an option or a file that it does not know.
import { readFileSync } from "node:fs";

const { engines } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
const needed = numbers(engines.node);
const found = numbers(process.versions.node);

if (found[0] < needed[0] || (found[0] === needed[0] && found[1] < needed[1])) {
  console.error(
    "azure-key-pool needs Node " +
      needed.join(".") +
      " or newer, and this is " +
      process.versions.node +
      " (" +
      process.execPath +
      ").\nInstall Node 24; `npm ci` without --omit=dev brings it for the npm scripts.",
  );
  process.exit(1);
}

function numbers(version) {
  return version
    .replace(/^[^0-9]*/, "")
    .split(".")
    .map(Number);
}
