import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const PROGRAM = `
  await import(${JSON.stringify(new URL("../../../../src/adapters/http/index.ts", import.meta.url).href)});
  console.log(process.moduleLoadList.filter((name) => /undici$|deps.http/.test(name)).join());
`;

it("what serves HTTP is loaded without the client that is inside Node", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", PROGRAM]);
  expect(stdout.trim()).toBe("");
});
