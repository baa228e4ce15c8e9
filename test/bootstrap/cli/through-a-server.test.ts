import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { REJECTED, WORKS } from "../../../src/adapters/azure-emulator/index.ts";
import { run as runHere } from "../../../src/bootstrap/cli/run.ts";
import { Api } from "../../servers/api.ts";
import { noTerminal, type Run, runCommand, startOnTerminal } from "../../servers/command.ts";
import { type Azure, openAzure } from "../../situations/azure.ts";
import { isLongRun } from "../../situations/long-run.ts";
import { endsOfGroup, type ServerHere, scratchFolder, serveHere } from "../servers.ts";
import { CommandHere } from "./command-here.ts";
import { WrittenTerminal } from "./written-terminal.ts";

const ADMIN_TOKEN = "the-admin-token-of-the-environment";
/** Of keys that no two tests share. */
const secretOf = (name: string) => `made-up-${name}`.padEnd(24, "0");

let folder: string;
let azure: Azure;
let server: ServerHere;
let api: Api;
let env: Readonly<Record<string, string>>;

const atTheEnd = endsOfGroup();

beforeAll(async () => {
  folder = scratchFolder(atTheEnd);
  azure = await openAzure();
  atTheEnd(() => azure.emulator.close());
  const azureUrl = azure.emulator.url;
  ({ server } = await serveHere(
    { DATABASE_URL: `sqlite:${folder}/keys.db`, ADMIN_TOKEN, AZURE_SPEECH_URL: azureUrl },
    atTheEnd,
  ));
  api = new Api(server, ADMIN_TOKEN);
  env = { AZURE_KEY_POOL_URL: server.url, AZURE_KEY_POOL_TOKEN: ADMIN_TOKEN };
});

const inAProcess = (words: string, input = "") => runCommand(words.split(" "), { env, cwd: folder, input });

/** The same without a process of its own, which takes ten times as long. */
async function run(words: string, input = ""): Promise<Run> {
  const terminal = new WrittenTerminal({ input });
  const code = await runHere(words.split(" "), env, terminal);
  return { code, out: terminal.written, err: terminal.beside };
}

async function json(words: string, input?: string) {
  const { code, out } = await run(`${words} --json`, input);
  return { code, data: JSON.parse(out) };
}

const pathOf = (name: string) => `${folder}/${name}`;
const file = (name: string, content: string) => {
  writeFileSync(pathOf(name), content);
  return pathOf(name);
};
/** Adds a key for a test; answers its id. */
async function added(name: string, more: object = {}, region = "eastasia"): Promise<number> {
  return (await api.add(secretOf(name), region, { keyname: name, ...more })).body.data.id;
}

describe("keys", () => {
  it("adds a key from a pipe or a file, and says which", async () => {
    const piped = await inAProcess("keys add --region eastasia --name 东亚一号", `${secretOf("piped")}\n`);
    expect(piped).toMatchObject({ code: 0, err: "" });
    expect(piped.out).toMatch(/^added speech key \d+ \(eastasia, 东亚一号, made\*\*\*\)\n$/);
    const keyFile = file("a.key", `${secretOf("filed")}\n`);
    const { code, data } = await json(
      `keys add --service translation --region global --tag gold --key-file ${keyFile}`,
    );
    expect([code, data]).toEqual([0, expect.objectContaining({ service: "translation", tag: "gold" })]);
    const again = await run("keys add --region eastasia", secretOf("piped"));
    expect([again.code, again.out]).toEqual([1, ""]);
    expect(again.err).toMatch(/already/);
  });

  it("limits a key, renames it and takes the limit away, and leaves the rest", async () => {
    const { data } = await json(
      `keys add --region eastasia --tag limited --max-in-flight 5 --key-file ${file("l.key", secretOf("limited"))}`,
    );
    expect(data).toMatchObject({ max_in_flight: 5, tag: "limited" });
    expect((await run(`keys show ${data.id}`)).out).toMatch(/in use +0 of 5/);
    const renamed = await run(`keys update ${data.id} --name East`);
    expect(renamed).toMatchObject({ code: 0, out: expect.stringContaining("updated speech key") });
    const freed = await json(`keys update ${data.id} --max-in-flight none`);
    expect(freed.data).toMatchObject({ max_in_flight: null, keyname: "East", tag: "limited" });
    expect((await run(`keys update ${data.id}`)).code).toBe(2);
    const { code, err } = await run(`keys update ${data.id} --max-in-flight 0`);
    expect([code, err]).toEqual([2, expect.stringContaining("a whole number from 1 to 10000")]);
  });

  it.skipIf(noTerminal)("takes a key on a terminal without showing it", async () => {
    const command = startOnTerminal(["keys", "add", "--region", "westus"], { env });
    await command.said("Key: ");
    command.write(`${secretOf("typed")}\n`);
    const { code, out } = await command.ended;
    expect([code, out]).toEqual([0, expect.stringContaining("added speech key")]);
    expect(out).not.toContain(secretOf("typed"));
  });

  it.skipIf(noTerminal)("adds nothing when Ctrl-C is pressed instead", async () => {
    const command = startOnTerminal(["keys", "add", "--region", "westus"], { env });
    await command.said("Key: ");
    command.write("\u0003");
    expect(await command.ended).toMatchObject({
      code: 1,
      out: expect.stringContaining("Nothing was entered"),
    });
  });

  it("lists keys masked and aligned, and in JSON", async () => {
    await added("wide", { keyname: "中文名称", tag: "listed" });
    await added("thin", { keyname: "plain", tag: "listed" });
    const { code, out, err } = await run("keys list --region eastasia --tag listed");
    expect([code, err]).toEqual([0, "2 keys\n"]);
    expect(out.split("\n").slice(0, 3)).toEqual([
      expect.stringMatching(/^ID +SERVICE +REGION +NAME {6}TAG/),
      expect.stringMatching(/^ *\d+ +speech +eastasia +中文名称 {2}listed +made\*\*\* +usable +0 +0 +-$/),
      expect.stringMatching(/^ *\d+ +speech +eastasia +plain {5}listed/),
    ]);
    expect(out).not.toContain(secretOf("wide"));
    const listed = await json("keys list --tag listed --quiet");
    expect(listed.data.map(({ keyname }: { keyname: string }) => keyname)).toEqual(["中文名称", "plain"]);
  });

  it("shows why a key is as it is, and its secret for a reason only", async () => {
    const id = await added("shown");
    await api.report(secretOf("shown"), 401, "the portal says no");
    const shown = await run(`keys show ${id}`);
    expect(shown.out).toMatch(/state +disabled by a 401\n[\s\S]*disable_key +401 .*the portal says no/);
    expect(shown.out).not.toContain(secretOf("shown"));
    const reasonless = await run(`keys show ${id} --reveal`);
    expect([reasonless.code, reasonless.err]).toEqual([2, "--reveal needs a --reason\n"]);
    const revealed = await run(`keys show ${id} --reveal --reason moving --json`);
    expect([revealed.code, JSON.parse(revealed.out)]).toMatchObject([0, { secret: secretOf("shown") }]);
    expect(await run("keys show 9999")).toMatchObject({ code: 1, err: "There is no key 9999\n" });
  });

  it("takes no secret for an id, and does not repeat it", async () => {
    const { code, err } = await run(`keys show ${secretOf("argument")}`);
    expect([code, err]).toEqual([2, expect.stringContaining("named by its id")]);
    expect(err).not.toContain(secretOf("argument"));
  });

  it("disables, enables and deletes by id, in whichever service, and tells what there is not", async () => {
    const [one, other] = [await added("changed"), await added("changed-too")];
    expect(await run(`keys disable ${one} ${other} 9999`)).toMatchObject({
      code: 1,
      err: "There is no key 9999\n",
    });
    expect((await json(`keys enable ${one}`)).data).toMatchObject([{ id: one, status: "enabled" }]);
    const unasked = await run(`keys delete ${other}`);
    expect([unasked.code, unasked.err]).toEqual([2, "Deleting needs --yes here\n"]);
    expect((await run(`keys delete ${other} --yes`)).out).toContain(`deleted speech key ${other}`);
    expect((await api.get(`/keys`)).body.data).not.toContainEqual(expect.objectContaining({ id: other }));
  });

  it.skipIf(noTerminal)("asks on a terminal before it deletes", async () => {
    const id = await added("asked");
    const command = startOnTerminal(["keys", "delete", String(id)], { env });
    await command.said("for good?");
    command.write("no\n");
    expect(await command.ended).toMatchObject({
      code: 1,
      out: expect.stringContaining("Nothing was deleted"),
    });
  });

  it("asks Azure about a key, and ends with 1 where it does not work", async () => {
    // The first loads the SDK, which takes a busy machine long.
    expect((await api.set("probe_timeout_seconds", "120")).status).toBe(200);
    const [good, bad] = [azure.secretFor(WORKS), azure.secretFor(REJECTED)];
    const works = await run("keys test --region eastasia", good);
    expect(works).toMatchObject({ code: 0, out: expect.stringContaining("the key works (200)") });
    const { code, data } = await json("keys test", bad);
    expect([code, data]).toMatchObject([1, { works: false, statusCode: 401 }]);
  });
});

describe("keys import and export", () => {
  it("imports a CSV file, tells each row, and skips what is there", async () => {
    const rows = `key,region,keyname,tag,max_in_flight\n${secretOf("csv1")},westus,"one, quoted",csv,7\n${secretOf("csv2")},westus,,csv\n`;
    const { code, out, err } = await run(`keys import ${file("keys.csv", rows)}`);
    expect([code, err]).toEqual([0, "2 of 2 imported, 0 skipped, 0 failed\n"]);
    expect(out).toMatch(/^ROW +KEY +RESULT +ID +WHY\n +1 +made\*\*\* +created +\d+ +-\n +2 /);
    const again = await json(`keys import ${pathOf("keys.csv")}`);
    expect([again.code, again.data]).toMatchObject([0, { success: 0, skipped: 2, failed: 0 }]);
    const listed = (await json("keys list --tag csv")).data;
    expect(listed).toContainEqual(expect.objectContaining({ keyname: "one, quoted", max_in_flight: 7 }));
  });

  it("imports a key a line from a pipe, disabled", async () => {
    const input = `# from the old vault\n${secretOf("line1")}\n\n${secretOf("line2")}\n`;
    const { code, out } = await run(
      "keys import - --service translation --region global --tag lines --disabled --json",
      input,
    );
    expect([code, JSON.parse(out).success]).toEqual([0, 2]);
    expect((await json("keys list --tag lines --status disabled")).data).toHaveLength(2);
  });

  it("imports nothing where a row has a fault, and names the rows without their keys", async () => {
    const rows = [
      { key: secretOf("fine"), region: "eastasia" },
      { key: secretOf("fine"), region: "eastasia" },
      { key: "replace-with-your-speech-key-1", region: "eastasia" },
      { key: secretOf("astray"), region: "no where" },
    ];
    const { code, out, err } = await run(`keys import ${file("bad.json", JSON.stringify({ keys: rows }))}`);
    expect([code, err]).toEqual([1, "nothing was imported\n"]);
    expect(out.split("\n").slice(1)).toEqual([
      "  2  made***  key: is the same as in row 1",
      "  3  repl***  key: must be a key, not a placeholder",
      expect.stringMatching(/^ {2}4 {2}made\*\*\* {2}region: /),
      "",
    ]);
    expect(out).not.toContain(secretOf("astray"));
    expect((await api.get("/keys")).body.data).not.toContainEqual(
      expect.objectContaining({ key: "replace-with-your-speech-key-1" }),
    );
    expect((await run(`keys import ${pathOf("bad.json")} --dry-run --json`)).code).toBe(1);
  });

  it.each([
    ["no.json", "{ no json", "it is not JSON"],
    ["none.json", '{"type":"speech"}', "it has no list of keys"],
    ["other.csv", "key,region,password\na,b,c\n", "it has columns other than"],
  ])("refuses %s without quoting it", async (name, content, why) => {
    const { code, out, err } = await run(`keys import ${file(name, content)}`);
    expect([code, out, err]).toEqual([1, "", expect.stringContaining(why)]);
  });

  it("draws a bar on a terminal, and takes it away", async () => {
    const rows = Array.from({ length: 1001 }, (_, n) => `${secretOf(`bar${n}-`)},northeurope`).join("\n");
    const terminal = new WrittenTerminal({ isErrorTerminal: true });
    expect(await runHere(["keys", "import", file("many.csv", rows)], env, terminal)).toBe(0);
    expect(terminal.beside).toMatch(/importing \[#+-+\] 500 of 1001/);
    expect(terminal.beside).toContain("\r\u001b[K");
    expect(terminal.beside).toContain("1001 of 1001 imported, 0 skipped, 0 failed");
  });

  it.skipIf(noTerminal || !isLongRun)("draws it on the terminal of a process", async () => {
    const rows = Array.from({ length: 1001 }, (_, n) => `${secretOf(`drawn${n}-`)},northeurope`).join("\n");
    const words = ["keys", "import", file("drawn.csv", rows)];
    const { code, out } = await startOnTerminal(words, { env, cwd: folder }).ended;
    expect(code).toBe(0);
    expect(out).toMatch(/importing \[#+-+\] 500 of 1001/);
  });

  it("exports into a new file of its owner's, which an import takes back", async () => {
    await added("exported", { tag: "out" });
    const all = pathOf("all.json");
    const { code, out } = await run(`keys export ${all}`);
    expect([code, out]).toEqual([0, expect.stringMatching(/^\d+ speech keys written to \S+\/all\.json/)]);
    expect(statSync(all).mode & 0o777).toBe(0o600);
    expect(readFileSync(all, "utf8")).toContain(secretOf("exported"));
    expect(await run(`keys export ${all}`)).toMatchObject({ code: 1, err: `${all} exists already\n` });
    const back = await json(`keys import ${all}`);
    expect([back.code, back.data.failed, back.data.success]).toEqual([0, 0, 0]);
    const { out: piped } = await run("keys export --service translation");
    expect(JSON.parse(piped)).toMatchObject({ type: "translation" });
  });

  it("exports nothing to a terminal", async () => {
    const terminal = new WrittenTerminal({ isOutputTerminal: true });
    const code = await runHere(["keys", "export"], env, terminal);
    expect([code, terminal.beside]).toEqual([2, expect.stringContaining("would show on the terminal")]);
    expect(terminal.written).toBe("");
  });
});

describe("logs, stats and watch", () => {
  const started = (words: string) => {
    const command = new CommandHere(words, env);
    onTestFinished(async () => void (await command.interrupted()));
    return command;
  };

  it("lists the last rows of both services, oldest first, and follows", async () => {
    const id = await added("logged");
    const { data } = await json(`logs --key ${id} --action add_key`);
    expect(data).toMatchObject([{ key_id: id, action: "add_key" }]);
    const following = started("logs --follow --limit 1");
    await following.said("add_key");
    await api.report(secretOf("logged"), 403);
    await following.said(`disable_key  403  key ${id} eastasia logged`);
    expect(await following.interrupted()).toMatchObject({ code: 0, err: "" });
  });

  it("counts keys, and says when those that rest are back", async () => {
    await added("resting", {}, "australiaeast");
    await api.report(secretOf("resting"), 429);
    const { out } = await run("stats --service speech");
    expect(out).toMatch(
      /^SERVICE +KEYS +USABLE +RESTING +DISABLED\nspeech +\d+ +\d+ +[1-9]\d* +\d+\n\nRESTING KEY/,
    );
    expect(out).toMatch(/made\*\*\* +australiaeast +[45]m/);
    expect((await json("stats")).data.translation.cooldown).toHaveProperty("totalKeys");
  });

  it("writes a line for each change of the pools", async () => {
    const watching = started("watch --region japaneast --interval 0.1");
    await watching.said("no keys");
    await added("watched", {}, "japaneast");
    await watching.said("speech japaneast: 1 usable, 0 resting, 0 disabled\n");
    await api.report(secretOf("watched"), 429);
    await watching.said("speech japaneast: 0 usable, 1 resting, 0 disabled\n");
    expect(await watching.interrupted()).toMatchObject({ code: 0, err: "" });
    expect(watching.out.split("\n")).toHaveLength(4);
  });

  it.skipIf(noTerminal)("redraws the pools on a terminal", async () => {
    const watching = startOnTerminal(["watch", "--region", "eastasia", "--interval", "0.1"], { env });
    await watching.said("NEXT BACK");
    watching.write("\u0003");
    const { code, out } = await watching.ended;
    expect([code, out]).toEqual([0, expect.stringContaining("\u001b[2J\u001b[H")]);
  });
});

describe("settings", () => {
  it("lists, gets, sets and resets", async () => {
    expect((await run("settings list")).out).toMatch(
      /^SETTING +VALUE +DESCRIPTION\n[\s\S]*\nrecheck_interval_minutes +0 /,
    );
    expect(await run("settings set recheck_interval_minutes 60")).toMatchObject({
      code: 0,
      out: "recheck_interval_minutes is 60\n",
    });
    expect((await run("settings get recheck_interval_minutes")).out).toBe("60\n");
    expect((await json("settings reset recheck_interval_minutes")).data).toMatchObject({ config_value: "0" });
  });

  it("refuses a bad value, and a name that is none unless it is to be new", async () => {
    const bad = await run("settings set cooldown_seconds soon");
    expect([bad.code, bad.err]).toEqual([1, expect.stringContaining("cooldown_seconds")]);
    expect((await run("settings set cooldown_secondz 60")).code).toBe(1);
    expect((await run("settings set team.note hello --new")).out).toBe("team.note is hello\n");
  });
});

describe("token", () => {
  it("makes, lists and revokes tokens of a server that was named", async () => {
    const made = await run("token create --name screen --role viewer --region eastasia --expires 30d");
    expect([made.code, made.out]).toEqual([0, expect.stringMatching(/^akp_[0-9a-f]{12}_[\w-]{49}\n$/)]);
    expect(made.err).toContain(`made in ${server.url}`);
    const listed = await run("token list");
    expect(listed.out).toMatch(/viewer +\{"regions":\["eastasia"\]\} .* never +screen\n/);
    const id = made.out.split("_")[1] as string;
    const tokenFile = file("viewer.token", made.out);
    chmodSync(tokenFile, 0o600);
    const refused = await run(`keys disable 1 --token-file ${tokenFile}`);
    expect([refused.code, refused.err]).toEqual([4, expect.stringContaining("AZURE_KEY_POOL_TOKEN")]);
    expect((await run(`keys list --token-file ${tokenFile}`)).code).toBe(0);
    expect((await run(`token revoke ${id}`)).code).toBe(0);
    expect((await run(`keys list --token-file ${tokenFile}`)).code).toBe(4);
  });
});

describe("what a command ends with", () => {
  it("is 3 where nobody answers, and names whom it asked", async () => {
    const { code, out, err } = await inAProcess("stats --url http://127.0.0.1:2");
    expect([code, out]).toEqual([3, ""]);
    expect(err).toMatch(/^http:\/\/127\.0\.0\.1:2 does not answer: .*ECONNREFUSED.*--url\n$/);
  });

  it("is 4 without a token", async () => {
    const terminal = new WrittenTerminal();
    const code = await runHere(["keys", "list"], { AZURE_KEY_POOL_URL: server.url }, terminal);
    const err = terminal.beside;
    expect([code, err]).toEqual([4, expect.stringContaining("--token-file")]);
  });

  it("is 2 for wrong use", async () => {
    const { code, out, err } = await run("keys list --nonsense");
    expect([code, out]).toEqual([2, ""]);
    expect(err).toBe("error: unknown option '--nonsense'\n(--help says more)\n");
  });

  it("is 0 for help", async () => {
    expect(await run("--help")).toMatchObject({
      code: 0,
      out: expect.stringContaining("4 not allowed"),
    });
  });
});
