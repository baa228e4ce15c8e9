import { describe, expect, it } from "vitest";
import { parseDatabaseUrl } from "../../../src/adapters/mikro-orm/database-url.ts";

describe("a database URL", () => {
  it.each([
    ["sqlite:./data/keys.db", "./data/keys.db"],
    ["sqlite:/data/keys.db", "/data/keys.db"],
    ["sqlite:///data/keys.db", "/data/keys.db"],
    ["sqlite:keys?#.db", "keys?#.db"],
  ])("%s names a file", (url, path) => {
    expect(parseDatabaseUrl(url)).toEqual({ kind: "sqlite", path, name: url });
  });

  it("may name a database in memory", () => {
    expect(parseDatabaseUrl("sqlite::memory:")).toEqual({ kind: "memory", name: "sqlite::memory:" });
  });

  it.each([
    ["postgres://pool:hunter2@db:5433/keys?password=hunter2", "postgres://db:5433/keys"],
    ["postgresql://db/keys", "postgresql://db/keys"],
    ["postgres:///keys?host=/run/postgresql&user=hunter2", "postgres:///keys"],
  ])("%s is shown without user, password and parameters", (url, name) => {
    expect(parseDatabaseUrl(url)).toEqual({ kind: "postgres", url, name });
  });

  it.each([
    "",
    "keys.db",
    "sqlite:",
    "postgres:",
    "postgres://",
    "postgres://u:hunter2@:x/",
    "mysql://u:hunter2@db/keys",
  ])("is refused without being repeated: %s", (url) => {
    const refused = expect.objectContaining({
      name: "TypeError",
      message: expect.not.stringContaining("hunter2"),
    });
    expect(() => parseDatabaseUrl(url)).toThrow(refused);
  });
});
