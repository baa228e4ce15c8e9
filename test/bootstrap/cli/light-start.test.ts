import { expect, it } from "vitest";
import { loadedBy } from "../loaded-by.ts";

it("a command that asks a server loads neither the server nor a database", () => {
  const loaded = [...loadedBy("src/bootstrap/cli/main.ts")];
  expect(loaded).toContain("src/adapters/client/key-pool-client.ts");
  expect(loaded.filter((path) => /^src\/(adapters\/(?!client\/)|application\/)/.test(path))).toEqual([]);
  const packages = loaded.filter((path) => !/^(src\/|node:)/.test(path));
  expect(packages.toSorted()).toEqual(["commander", "string-width"]);
});
