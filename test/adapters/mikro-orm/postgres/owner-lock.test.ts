import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { UsedBy } from "../../../../src/adapters/mikro-orm/index.ts";
import {
  type Database,
  type DatabaseOptions,
  openDatabase,
} from "../../../../src/adapters/mikro-orm/open-database.ts";
import { openSession } from "../../../../src/adapters/mikro-orm/open-session.ts";
import { OWNER_LOCK } from "../../../../src/adapters/mikro-orm/postgres/owner-lock.ts";
import { keyDraft } from "../../../../src/testing/storage.ts";
import { execute, findPostgres, freshDatabase } from "../../../servers/postgres-server.ts";
import { ownerLockRecorder } from "./owner-lock-recorder.ts";

const found = await findPostgres();

describe.skipIf("missing" in found)(
  `the owners of a PostgreSQL database ${"missing" in found ? found.missing : ""}`,
  () => {
    const { server } = found as Extract<typeof found, { server: unknown }>;
    let fresh: Awaited<ReturnType<typeof freshDatabase>>;
    let url: string;

    beforeAll(async () => {
      fresh = await freshDatabase(server);
      ({ url } = fresh);
    });
    afterAll(async () => {
      await fresh.drop();
      await server.stop();
    });

    async function open(usedBy: UsedBy, options: Partial<DatabaseOptions> = {}): Promise<Database> {
      const database = await openDatabase({ url, usedBy, ...options });
      onTestFinished(() => database.close());
      return database;
    }

    it.each<[UsedBy, UsedBy, RegExp]>([
      ["one-process", "one-process", /another process has it open, .*REDIS_URL/],
      ["one-process", "instances", /a process that does not share its cooldowns .*REDIS_URL.* has it open/],
      ["instances", "one-process", /another process has it open, .*REDIS_URL/],
    ])("%s first: refuses %s and says why, and leaves the first alone", async (first, second, reason) => {
      const owner = await open(first);
      await expect(open(second)).rejects.toMatchObject({
        name: "DatabaseError",
        code: "in_use",
        message: expect.stringMatching(reason),
      });
      await owner.keys.remove((await owner.keys.add(keyDraft(), null)).id, null);
      expect(await owner.health.check()).toEqual({ status: "up" });
    });

    it("instances first: lets instances in", async () => {
      await open("instances");
      await open("instances");
      await open("instances");
    });

    it("has the database for itself unless it says otherwise", async () => {
      await openDatabase({ url }).then((database) => onTestFinished(() => database.close()));
      await expect(open("instances")).rejects.toMatchObject({ code: "in_use" });
    });

    it.each<UsedBy>(["one-process", "instances"])("is released when %s closes", async (first) => {
      await (await open(first)).close();
      await open("one-process");
    });

    it("keeps no owner of another database out", async () => {
      await open("one-process");
      const other = await freshDatabase(server);
      await (await openDatabase({ url: other.url })).close();
      await other.drop();
    });

    it("is taken again, and both is reported, when the connection breaks that holds it", async () => {
      const { states, onOwnerLock, reached } = ownerLockRecorder();
      await open("one-process", { onOwnerLock });
      const isHeldAgain = reached("held");
      await execute(url, `select ${END} from pg_stat_activity where ${IS_OWNER}`);
      await isHeldAgain;
      expect(states).toEqual(["lost", "held"]);
      await expect(open("one-process")).rejects.toMatchObject({ code: "in_use" });
    });

    it("is reported as taken while somebody has it who came in between, then as held again", async () => {
      const { onOwnerLock, reached } = ownerLockRecorder();
      const database = await open("one-process", { onOwnerLock });
      const intruder = await openSession(url);
      onTestFinished(() => intruder.close());
      const isTaken = reached("taken");
      const isHeldAgain = isTaken.then(() => reached("held"));
      await intruder.execute(
        `select ${END}, pg_advisory_lock(${OWNER_LOCK}) from pg_stat_activity where ${IS_OWNER}`,
      );
      await isTaken;
      expect(await database.health.check()).toMatchObject({
        status: "degraded",
        reason: expect.stringContaining("may not be beside this one"),
      });
      await intruder.execute(`select pg_advisory_unlock(${OWNER_LOCK})`);
      await isHeldAgain;
      expect(await database.health.check()).toEqual({ status: "up" });
    });
  },
);

const END = "pg_terminate_backend(pid)";
const IS_OWNER = "application_name = 'azure-key-pool owner' and datname = current_database()";
