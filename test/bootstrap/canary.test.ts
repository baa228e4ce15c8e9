import { describe, expect, it } from "vitest";
import { addFolder, expectNowhere, live, RULE } from "./canary-world.ts";
import { scratchFolder } from "./servers.ts";

describe(`I9: ${RULE}`, { timeout: 600_000 }, () => {
  it("with SQLite", async () => {
    const folder = scratchFolder();
    const world = await live({ DATABASE_URL: `sqlite:${folder}/keys.db` }, (written) =>
      addFolder(written, "database", folder),
    );
    const names = [...world.written.keys()].join();
    expect(names).toMatch(/after kill -9: database \S+keys.db,.*after kill -9: database \S+keys.db-wal/);
    expectNowhere(world);
  });
});
