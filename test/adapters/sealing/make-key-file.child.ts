import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { makeKeyFile } from "../../../src/adapters/sealing/key-file.ts";

// Makes the file as soon as it is told to, and prints a hash of what is there then.
const path = process.argv[2] as string;
process.stdout.write("ready\n");
process.stdin.once("data", () => {
  const made = makeKeyFile(path);
  const hash = createHash("sha256").update(readFileSync(path)).digest("hex");
  process.stdout.write(`${JSON.stringify({ made, hash })}\n`, () => process.exit(0));
});
