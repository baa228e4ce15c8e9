import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

const { scripts } = JSON.parse(read("package.json"));

it("is the same in the image as under npm", () => {
  const [, command = ""] = /^CMD (\[.*\])$/m.exec(read("Dockerfile")) ?? [];
  expect(JSON.parse(command).join(" ")).toBe(scripts.start);
});

it("is the same in development, which starts again on a change", () => {
  expect(scripts.dev).toBe(scripts.start.replace("node ", "node --watch "));
});
