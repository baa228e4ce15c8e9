import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { createConnection } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { AzureEmulator } from "../../src/adapters/azure-emulator/index.ts";
import { openReceiver } from "../adapters/webhook/receiver.ts";
import { bundled } from "../servers/bundled-programs.ts";
import { PoolServer } from "../servers/pool-server.ts";
import { freshDatabase, PrivatePostgres } from "../servers/postgres-server.ts";
import { connect, findPrivateRedis, type PrivateRedis } from "../servers/redis-server.ts";
import { argumentsOf } from "../servers/start-command.ts";
import { CANARIES, ENVIRONMENT, sought } from "../situations/canaries.ts";
import { isLongRun } from "../situations/long-run.ts";
import { SecretSearch } from "../situations/secret-search.ts";
import { CanaryCaller } from "./canary-caller.ts";
import { makeTokens, playAzure, sweepRoutes, tellStory } from "./canary-story.ts";
import { scratchFolder } from "./servers.ts";

const COMMAND = argumentsOf("rotate-data-key").slice(0, -1).map(bundled);

type Environment = Readonly<Record<string, string>>;

/** What was written somewhere, by its name. */
type Written = Map<string, Buffer | string>;

/** Lives a whole life of a server with secrets, and answers what was written and what was told. */
async function live(place: Environment, look: (written: Written) => Promise<void> | void) {
  const emulator = new AzureEmulator();
  const azure = await emulator.start();
  onTestFinished(() => emulator.close());
  playAzure(emulator);
  const receiver = await openReceiver();
  const [temporary, config] = [scratchFolder(), scratchFolder()];
  const surroundings = {
    ...{ ...place, TMPDIR: temporary, XDG_CONFIG_HOME: config, HOME: config, LOG_LEVEL: "trace" },
    ...{ AZURE_SPEECH_URL: azure, AZURE_TRANSLATOR_URL: azure, WEBHOOK_URL: receiver.url },
    // Compiling all of it again in each process is most of what they take.
    ...(!isLongRun && { XDG_CACHE_HOME: join(homedir(), ".cache") }),
  };
  const secretly = { MASTER_KEY: ENVIRONMENT.masterKey, ADMIN_TOKEN: ENVIRONMENT.adminToken };
  const written: Written = new Map();
  const output: string[] = [];

  const first = await started({ ...surroundings, ...secretly });
  const caller = new CanaryCaller(first);
  const tokens = await makeTokens(caller);
  await tellStory(caller, tokens);
  const swept = await sweepRoutes(caller, tokens);
  await receiver.got(1);
  await first.kill();
  output.push(first.output);
  await look(prefixed(written, "after kill -9"));
  addFolder(written, "temporary", temporary);

  const rotate = (key: string) => {
    const env = {
      PATH: process.env.PATH,
      ...surroundings,
      ...secretly,
      NEW_MASTER_KEY: ENVIRONMENT.nextMasterKey,
    };
    const { status, stdout, stderr } = spawnSync(process.execPath, [...COMMAND, `rotate-${key}`], { env });
    expect(status, String(stderr)).toBe(0);
    output.push(`${stdout}${stderr}`);
  };
  rotate("data-key");
  rotate("master-key");

  const second = await started({ ...surroundings, ...secretly, MASTER_KEY: ENVIRONMENT.nextMasterKey });
  caller.turnTo(second);
  const { json } = await caller.ask("GET", "/api/keys/get?region=eastasia", { token: tokens.client });
  expect(json.data.key).toBeOneOf([CANARIES.speech, CANARIES.newSpeech]);
  await caller.ask("GET", "/api/keys/export", { token: tokens.admin });
  await caller.ask("GET", "/api/keys/logs?limit=100", { token: tokens.admin });
  await second.stop();
  output.push(second.output);
  await look(prefixed(written, "at the end"));
  addFolder(written, "temporary at the end", temporary);
  addFolder(written, "configuration", config);
  written.set("logs", output.join("\n"));
  written.set("answers", caller.silent.join("\n"));
  written.set("messages", JSON.stringify(receiver.received));
  return { written, caller, tokens, swept };
}

async function started(env: Environment): Promise<PoolServer> {
  const server = await PoolServer.start({ env });
  onTestFinished(async () => void (await server.kill()));
  return server;
}

/** So that what is written twice is kept twice. */
function prefixed(written: Written, prefix: string): Written {
  return {
    set: (name: string, bytes: Buffer | string) => written.set(`${prefix}: ${name}`, bytes),
  } as Written;
}

function addFolder(written: Written, name: string, folder: string, sinceMs = 0): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && statSync(path).mtimeMs >= sinceMs)
      written.set(`${name} ${path}`, readFileSync(path));
  }
}

function expectNowhere({ written, caller, tokens, swept }: Awaited<ReturnType<typeof live>>): void {
  const search = new SecretSearch(sought(Object.values(tokens)));
  const found = [...written].flatMap(([name, bytes]) =>
    search.in(bytes).map((each) => ({ where: name, ...each })),
  );
  expect(found).toEqual([]);
  // So that nothing was missed for want of asking, of answers or of looking.
  const told = search.in(caller.telling.join("\n")).map(({ name }) => name);
  expect(told).toEqual(
    expect.arrayContaining(["key speech", "key newTranslation", "key imported", "token 0"]),
  );
  expect([...caller.statuses]).toEqual(expect.arrayContaining([200, 201, 207, 400, 401, 404, 405, 409, 415]));
  expect(swept).toBeGreaterThan(200);
  expect(written.get("logs")).toContain('"level":20');
  expect(written.get("logs")).not.toContain("s3cret-path");
  expect(written.get("messages")).toContain('"event":"key_disabled"');
  expect(caller.statuses).not.toContain(500);
}

describe("I9: secrets and tokens are in hand-outs, reveals and exports, and in no other bytes that leave a server", {
  timeout: 600_000,
}, () => {
  it("with SQLite", async () => {
    const folder = scratchFolder();
    const world = await live({ DATABASE_URL: `sqlite:${folder}/keys.db` }, (written) =>
      addFolder(written, "database", folder),
    );
    const names = [...world.written.keys()].join();
    expect(names).toMatch(/after kill -9: database \S+keys.db,.*after kill -9: database \S+keys.db-wal/);
    expectNowhere(world);
  });

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
    expect(world.written.get("after kill -9: Redis")).toContain("eastasia");
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
