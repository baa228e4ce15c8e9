import { createServer, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { MIGRATIONS } from "../../../../src/adapters/mikro-orm/migrations/migrations.ts";
import {
  type Database,
  type DatabaseOptions,
  openDatabase,
} from "../../../../src/adapters/mikro-orm/open-database.ts";
import { openSession } from "../../../../src/adapters/mikro-orm/open-session.ts";
import { cooling, keyDraft, logDraft, NOON } from "../../../../src/testing/storage.ts";
import { required } from "../../../servers/found.ts";
import { execute, freshDatabase, PrivatePostgres } from "../../../servers/postgres-server.ts";
import { ownerLockRecorder } from "./owner-lock-recorder.ts";

const found = required(await PrivatePostgres.start());
const unavailable = { code: "storage_unavailable" };

describe.skipIf("missing" in found)(
  `PostgreSQL in trouble ${"missing" in found ? found.missing : ""}`,
  () => {
    const { server } = found as { server: PrivatePostgres };
    let url: string;
    /** Opened once, since it gets over whatever a test does to the server. */
    let shared: Database;

    beforeAll(async () => {
      ({ url } = await freshDatabase(server));
      shared = await openDatabase({ url, usedBy: "instances" });
    });
    afterAll(async () => {
      await shared.close();
      await server.stop();
    });

    const empty = () => execute(url, "truncate keys, logs, settings");

    async function open(options: Partial<DatabaseOptions> = {}): Promise<Database> {
      const database = await openDatabase({ url, usedBy: "instances", ...options });
      onTestFinished(() => database.close());
      await empty();
      return database;
    }

    it("refuses writes and reads while the server is away, and works again after its restart", async () => {
      const { onOwnerLock, reached } = ownerLockRecorder();
      const words: string[] = [];
      const database = await open({ onOwnerLock, onFault: (detail) => words.push(detail) });
      const { id } = await database.keys.add(keyDraft(), null);
      const isHeldAgain = reached("held");
      await server.halt();
      await expect(database.keys.settle(id, cooling(), null)).rejects.toMatchObject(unavailable);
      await expect(database.keys.get(id)).rejects.toMatchObject(unavailable);
      expect(await database.health.check()).toEqual({
        status: "down",
        reason: "The database is not connected",
      });
      expect(words).toEqual([expect.stringMatching(/ECONNREFUSED|terminat|shutting down|starting up/)]);
      await server.resume();
      expect(await database.keys.settle(id, cooling(), null)).toEqual(cooling());
      expect((await database.keys.get(id))?.standing).toEqual(cooling());
      await isHeldAgain;
      expect(await database.health.check()).toEqual({ status: "up" });
    });

    it("does not notice a restart between two writes", async () => {
      await empty();
      await shared.log.append(logDraft());
      await server.halt();
      await server.resume();
      await shared.log.append(logDraft());
      expect((await shared.log.list({ services: ["speech", null], offset: 0, limit: 1 })).total).toBe(2);
    });

    it("keeps every answered write when the server dies under load", async () => {
      await empty();
      const answered: string[] = [];
      let refused = 0;
      const writer = async (name: number) => {
        for (let n = 0; refused < 20; n++) {
          const note = `${name}-${n}`;
          try {
            await shared.log.append(logDraft({ note }));
            answered.push(note);
          } catch (error) {
            expect(error).toMatchObject(unavailable);
            refused += 1;
          }
          if (answered.length === 500) await server.halt();
        }
      };
      await Promise.all(Array.from({ length: 20 }, (_, name) => writer(name)));
      await server.resume();
      const rows = await execute(url, "select note from logs");
      const held = new Set(rows.map(({ note }) => note));
      expect(answered.filter((note) => !held.has(note))).toEqual([]);
    });

    it("lets nobody wait longer than the time-out behind a lock, and works again without it", async () => {
      const database = await open({ writeTimeoutMs: 300 });
      const { id } = await shared.keys.add(keyDraft(), null);
      const other = await openSession(url);
      onTestFinished(() => other.close());
      await other.execute("begin");
      await other.execute("lock table keys in exclusive mode");
      await expect(database.keys.settle(id, cooling(), null)).rejects.toMatchObject(unavailable);
      await other.execute("rollback");
      // So short a time-out may also be the fault of a busy machine.
      const isStored = async () => expect(await database.keys.settle(id, cooling(), null)).toEqual(cooling());
      await vi.waitFor(isStored, 60_000);
    });

    it("survives a server that accepts and never answers", async () => {
      const sockets = new Set<Socket>();
      const mute = createServer((socket) => sockets.add(socket)).listen(0, "127.0.0.1");
      onTestFinished(() => {
        for (const socket of sockets) socket.destroy();
        mute.close();
      });
      await new Promise((resolve) => mute.once("listening", resolve));
      const { port } = mute.address() as { port: number };
      await expect(openDatabase({ url: `postgres://u:hunter2@127.0.0.1:${port}/db` })).rejects.toThrow(
        /timeout/,
      );
    });

    it("refuses nobody when two owners change the same keys in opposite order", async () => {
      // A deadlock would not be ended by the server before the writes time out.
      await execute(url, "alter role current_user set deadlock_timeout = '60s'");
      onTestFinished(() => execute(url, "alter role current_user reset deadlock_timeout").then(() => {}));
      const [one, other] = [await open(), await open()];
      const keys = await Promise.all(
        Array.from({ length: 40 }, (_, n) => one.keys.add(keyDraft({ secret: `secret-${n}` }), null)),
      );
      const storm = ({ keys: repository }: Database, order: typeof keys, until: number) => [
        ...order.map(({ id }) => repository.settle(id, cooling(until), null)),
        repository.addUsage(order.map(({ id }) => ({ id, uses: 1, errors: 0, lastUsedAt: NOON }))),
      ];
      for (let round = 1; round <= 3; round++) {
        await Promise.all([
          ...storm(one, keys, NOON + round),
          ...storm(other, [...keys].reverse(), NOON + round + 1),
        ]);
      }
      const { keys: listed } = await other.keys.list({ service: "speech" }, NOON);
      expect(listed).toHaveLength(40);
      for (const { usageCount, standing } of listed) {
        expect({ usageCount, standing }).toEqual({ usageCount: 6, standing: cooling(NOON + 4) });
      }
    });

    it("shows no secret when the database itself refuses a row", async () => {
      await empty();
      await execute(url, "alter table keys add constraint odd check (keyname <> 'odd')");
      onTestFinished(async () => {
        await execute(url, "alter table keys drop constraint odd");
      });
      const [kept, broken] = await Promise.allSettled([
        shared.keys.add(keyDraft({ secret: "innocent-key" }), null),
        shared.keys.add(keyDraft({ secret: "s3cr3t-value", name: "odd" }), null),
      ]);
      expect(kept.status).toBe("fulfilled");
      const { reason } = broken as PromiseRejectedResult;
      expect(reason.message).toContain("odd");
      expect(
        `${reason.stack} ${JSON.stringify(reason)} ${JSON.stringify(Object.entries(reason))}`,
      ).not.toContain("s3cr3t");
    });

    it.each([
      ["a missing role", "postgres://missing:hunter2@", "", 'role "missing" does not exist'],
      ["a missing database", "postgres://postgres:hunter2@", "missing", 'database "missing" does not exist'],
      ["a role with too few rights", "postgres://reader:hunter2@", "", "permission denied for schema public"],
    ])("refuses %s in one line, without the password", async (_, account, path, reason) => {
      await execute(server.url, "do 'begin create role reader login; exception when others then null; end'");
      const fresh = await freshDatabase(server);
      onTestFinished(fresh.drop);
      const { host, pathname } = new URL(fresh.url);
      const place = `${host}${path ? `/${path}` : pathname}`;
      await expect(openDatabase({ url: `${account}${place}` })).rejects.toMatchObject({
        name: "DatabaseError",
        code: "refused",
        message: `postgres://${place} does not open: ${reason}`,
      });
    });

    it("refuses a database of something else in one line", async () => {
      const fresh = await freshDatabase(server);
      onTestFinished(fresh.drop);
      await execute(fresh.url, "create table keys (something integer)");
      await expect(openDatabase({ url: fresh.url })).rejects.toMatchObject({
        code: "unusable",
        message: expect.stringMatching(/^postgres:.* cannot be used: .*relation "keys" already exists$/),
      });
    });

    it("shows no password when it cannot connect", async () => {
      const failed = openDatabase({ url: "postgres://user:hunter2@127.0.0.1:1/db" });
      await expect(failed).rejects.toThrow(
        expect.objectContaining({ code: "unreachable", message: expect.not.stringContaining("hunter2") }),
      );
    });

    it("migrates once when many instances start together", async () => {
      const fresh = await freshDatabase(server);
      const opened = await Promise.all(
        Array.from({ length: 3 }, () => openDatabase({ url: fresh.url, usedBy: "instances" })),
      );
      await Promise.all(opened.map(({ keys }, n) => keys.add(keyDraft({ secret: `secret-${n}` }), null)));
      expect((await opened[0]?.keys.list({ service: "speech" }, NOON))?.total).toBe(3);
      expect(await execute(fresh.url, "select name from migrations order by id")).toEqual(
        MIGRATIONS.map(({ name }) => ({ name })),
      );
      await Promise.all(opened.map((database) => database.close()));
      await fresh.drop();
    });
  },
);
