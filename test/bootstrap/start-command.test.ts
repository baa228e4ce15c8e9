import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

it("is the same in the image as under npm", () => {
  const { scripts } = JSON.parse(read("package.json"));
  const [, command = ""] = /^CMD (\[.*\])$/m.exec(read("Dockerfile")) ?? [];
  expect(JSON.parse(command).join(" ")).toBe(scripts.start);
});
