import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { AzureEmulator } from "../../src/adapters/azure-emulator/index.ts";
import { openReceiver } from "../adapters/webhook/receiver.ts";
import { bundled } from "../servers/bundled-programs.ts";
import { PoolServer } from "../servers/pool-server.ts";
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
export type Written = Map<string, Buffer | string>;

/** What nobody may find in any other bytes. */
export const RULE =
  "secrets and tokens are in hand-outs, reveals and exports, and in no other bytes that leave a server";

/** Lives a whole life of a server with secrets, and answers what was written and what was told. */
export async function live(place: Environment, look: (written: Written) => Promise<void> | void) {
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

export function addFolder(written: Written, name: string, folder: string, sinceMs = 0): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && statSync(path).mtimeMs >= sinceMs)
      written.set(`${name} ${path}`, readFileSync(path));
  }
}

/** Throws where a secret was written or told in other places than it may. */
export function expectNowhere({ written, caller, tokens, swept }: Awaited<ReturnType<typeof live>>): void {
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
  expect(caller.telling.join("\n")).toMatch(/"lease_id":[\s\S]*event: key\n/);
  expect(written.get("answers")).toMatch(/event: report\n[\s\S]*"action":"cooldown_start"/);
  expect([...caller.statuses]).toEqual(expect.arrayContaining([200, 201, 207, 400, 401, 404, 405, 409, 415]));
  expect(swept).toBeGreaterThan(200);
  expect(written.get("logs")).toContain('"level":20');
  expect(written.get("logs")).not.toContain("s3cret-path");
  expect(written.get("messages")).toContain('"event":"key_disabled"');
  expect(caller.statuses).not.toContain(500);
}
