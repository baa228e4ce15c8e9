import { readFileSync } from "node:fs";
import { createConnection } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { freshDatabase, PrivatePostgres } from "../servers/postgres-server.ts";
import { connect, findPrivateRedis, type PrivateRedis } from "../servers/redis-server.ts";
import { ENVIRONMENT } from "../situations/canaries.ts";
import { addFolder, expectNowhere, live, RULE } from "./canary-world.ts";

describe(`I9: ${RULE}`, { timeout: 600_000 }, () => {
  it("with PostgreSQL, which logs every statement, and Redis, which is listened to", async ({ skip }) => {
    const [postgres, redis] = [
      await PrivatePostgres.start(["log_statement=all", "log_parameter_max_length_on_error=-1"]),
      await findPrivateRedis({ password: ENVIRONMENT.redisPassword }),
    ];
    if ("missing" in redis) return skip(redis.missing);
    onTestFinished(() => redis.server.stop());
    if ("missing" in postgres) return skip(postgres.missing);
    onTestFinished(() => postgres.server.stop());
    const monitored = await monitor(redis.server);
    const begunMs = Date.now();
    const url = new URL((await freshDatabase(postgres.server)).url);
    url.password = ENVIRONMENT.databasePassword;
    const world = await live({ DATABASE_URL: url.href, REDIS_URL: redis.server.url }, async (written) => {
      written.set("dump", postgres.server.dump(url.href));
      written.set("Redis", await everythingIn(redis.server));
      written.set("Redis file", readFileSync(await redis.server.save()));
    });
    // All pages that are still in its memory are written first.
    await postgres.server.halt();
    addFolder(world.written, "PostgreSQL", postgres.server.dataFolder, begunMs);
    world.written.set("PostgreSQL log", postgres.server.log);
    world.written.set("MONITOR", monitored());
    expect(postgres.server.log).toMatch(/insert into "?keys[\s\S]*DETAIL: +[Pp]arameters: /i);
    expect(monitored()).toMatch(/"evalsha"/i);
    expect(world.written.get("after kill -9: Redis")).toMatch(
      /^(?=[\s\S]*eastasia)(?=[\s\S]*leases zset \[\{)(?=[\s\S]*events stream \[\{)/,
    );
    expectNowhere(world);
  });
});

/** Every command that the server gets, from now on. */
async function monitor(redis: PrivateRedis): Promise<() => string> {
  const { port, password } = new URL(redis.url);
  const socket = createConnection(Number(port), "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  let heard = "";
  await new Promise<void>((resolve, reject) => {
    socket.on("error", reject);
    socket.on("data", (chunk) => {
      heard += chunk.toString("latin1");
      if (heard.startsWith("+OK\r\n+OK\r\n")) resolve();
    });
    socket.write(`AUTH ${password}\r\nMONITOR\r\n`);
  });
  return () => heard;
}

/** All names and values. */
async function everythingIn(redis: PrivateRedis): Promise<string> {
  const client = await connect(redis.url);
  const all: string[] = [];
  for await (const names of client.scanIterator({ COUNT: 1000 })) {
    for (const name of names) {
      const type = await client.type(name);
      const value = {
        string: () => client.get(name),
        hash: () => client.hGetAll(name),
        list: () => client.lRange(name, 0, -1),
        set: () => client.sMembers(name),
        zset: () => client.zRangeWithScores(name, 0, -1),
        stream: () => client.xRange(name, "-", "+"),
      }[type as "string"];
      all.push(`${name} ${type} ${JSON.stringify(await value())}`);
    }
  }
  await client.close();
  return all.join("\n");
}
