import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import { openDatabase } from "../../src/adapters/mikro-orm/index.ts";
import { run } from "../../src/bootstrap/cli/run.ts";
import { keyDraft } from "../../src/testing/storage.ts";
import { PoolServer } from "../servers/pool-server.ts";
import { findPostgres, freshDatabase } from "../servers/postgres-server.ts";
import { masterKeyText } from "../situations/sealing.ts";
import { WrittenTerminal } from "./cli/written-terminal.ts";
import { refusedHere, type ServerHere, scratchFolder, serveHere } from "./servers.ts";

const SECRET = "0123456789abcdef0123456789abcdef";

type Environment = Readonly<Record<string, string>>;

/** Without a master key of the environment. */
function surroundings() {
  const [data, config] = [scratchFolder(), scratchFolder()];
  const env = { DATABASE_URL: `sqlite:${data}/keys.db`, XDG_CONFIG_HOME: config, MASTER_KEY: "" };
  return { data, keyFolder: `${config}/azure-key-pool`, env };
}

async function refusal(env: Environment): Promise<string> {
  const { code, output } = await PoolServer.refused({ env });
  expect(code).toBe(1);
  const lines = output.split("\n").filter((line) => line !== "" && !line.startsWith("{"));
  expect(lines).toHaveLength(1);
  return lines[0] as string;
}

function expectNowhere(folder: string, secret: string): void {
  for (const name of readdirSync(folder))
    expect({ name, holds: readFileSync(`${folder}/${name}`).includes(secret) }).toEqual({
      name,
      holds: false,
    });
}

const levelOf = ({ server }: { server: Pick<ServerHere, "log"> }, text: string) =>
  server.log.filter(({ msg }) => String(msg).includes(text)).map(({ level }) => level);

describe("a server without a master key in its environment", () => {
  it("makes one beside no database, says once to keep a copy, and needs it from then on", async () => {
    const { data, keyFolder, env } = surroundings();
    const first = await serveHere(env);
    await first.api.add(SECRET);
    expectNowhere(data, SECRET);
    const [file = ""] = readdirSync(keyFolder);
    expect(file).toMatch(/^[0-9a-f]{32}\.key$/);
    expect(levelOf(first, `made the master key ${keyFolder}/${file}: keep a copy`)).toEqual([40]);
    await first.server.stop();

    const second = await serveHere(env);
    expect((await second.api.handOut()).body.data.key).toBe(SECRET);
    expect(levelOf(second, "keep a copy")).toEqual([]);
    await second.server.stop();

    const kept = readFileSync(`${keyFolder}/${file}`);
    rmSync(`${keyFolder}/${file}`);
    const why = await refusedHere(env);
    expect(why).toContain(`There is no ${keyFolder}/${file}; put the master key back`);
    expect(why).not.toContain("\n");
    expect(readdirSync(keyFolder)).toEqual([]);
    await expect(serveHere({ ...env, MASTER_KEY: masterKeyText(9) })).rejects.toThrow(
      "The master key from MASTER_KEY is not",
    );
    writeFileSync(`${keyFolder}/${file}`, kept, { mode: 0o600 });
    expect((await (await serveHere(env)).api.handOut()).body.data.key).toBe(SECRET);
  });

  it("seals what was stored plain before it serves, and warns of older copies", async () => {
    const { data, env } = surroundings();
    const database = await openDatabase({ url: env.DATABASE_URL });
    await database.keys.add(keyDraft({ secret: SECRET }), null);
    await database.close();
    const made = await serveHere(env);
    expectNowhere(data, SECRET);
    expect(levelOf(made, "stored plain until now")).toEqual([40]);
    expect(levelOf(made, "sealing the stored secrets")).toHaveLength(6);
    expect((await made.api.handOut()).body.data.key).toBe(SECRET);
  });
});

describe("npm run copy-database", () => {
  it("copies between two master keys", async () => {
    const { data, env } = surroundings();
    const first = await serveHere({ ...env, MASTER_KEY: masterKeyText(1) });
    await first.api.add(SECRET);
    await first.server.stop();
    const folder = scratchFolder();
    for (const byte of [1, 2]) writeFileSync(`${folder}/${byte}`, masterKeyText(byte), { mode: 0o600 });

    const copy = `sqlite:${data}/copy.db`;
    const keys = { FROM_MASTER_KEY_FILE: `${folder}/1`, TO_MASTER_KEY_FILE: `${folder}/2` };
    const words = ["copy-database", "--from", env.DATABASE_URL, "--to", copy];
    expect(await run(words, keys, new WrittenTerminal())).toBe(0);
    expectNowhere(data, SECRET);
    const { api, server } = await serveHere({ ...env, DATABASE_URL: copy, MASTER_KEY: masterKeyText(2) });
    expect((await api.handOut()).body.data.key).toBe(SECRET);
    // Two rows: the key was added, and then copied.
    const doctor = new WrittenTerminal();
    expect((await api.get("/audit")).body.data.acts).toMatchObject([
      { act: "copy_database", actor: { id: "command line" }, after: { from: env.DATABASE_URL, keys: 1 } },
      { act: "add_key" },
    ]);
    await server.stop();
    await run(["doctor"], { ...env, DATABASE_URL: copy, MASTER_KEY: masterKeyText(2) }, doctor);
    expect(doctor.written).toContain("the audit is whole");
  });
});

const postgres = await findPostgres();

it.skipIf("missing" in postgres)(
  "PostgreSQL without a master key is refused in one line that says what to do",
  async () => {
    if ("missing" in postgres) return;
    const { url, drop } = await freshDatabase(postgres.server);
    onTestFinished(async () => {
      await drop();
      await postgres.server.stop();
    });
    expect(await refusal({ ...surroundings().env, DATABASE_URL: url })).toMatch(
      /needs a master key.*MASTER_KEY_FILE/,
    );
  },
);
