import { beforeAll, expect, it, onTestFinished } from "vitest";
import { until } from "../../../src/testing/until.ts";
import { Api } from "../../servers/api.ts";
import { startCommand } from "../../servers/command.ts";
import { PassingOn } from "../../servers/passing-on.ts";
import { TcpLink } from "../../servers/tcp-link.ts";
import { endsOfGroup, type ServerHere, scratchFolder, secretOf, serveHere } from "../servers.ts";
import { CommandHere } from "./command-here.ts";

/** So long that whatever shows was told by the server. */
const NEVER = "3600";

let server: ServerHere;
let api: Api;
const atTheEnd = endsOfGroup();

beforeAll(async () => {
  const folder = scratchFolder(atTheEnd);
  ({ server, api } = await serveHere({ DATABASE_URL: `sqlite:${folder}/keys.db` }, atTheEnd));
});

function start(words: string, url = server.url, env: Readonly<Record<string, string>> = {}): CommandHere {
  const command = new CommandHere(words, { AZURE_KEY_POOL_URL: url, ...env });
  onTestFinished(async () => void (await command.interrupted()));
  return command;
}

it("watches the pools by what the server tells, and is not asking in between", async () => {
  const between = await PassingOn.to(server.url);
  onTestFinished(() => between.close());
  const watching = startCommand(["watch", "--region", "told", "--interval", NEVER], {
    env: { AZURE_KEY_POOL_URL: between.url },
  });
  onTestFinished(async () => {
    watching.signal("SIGKILL");
    await watching.ended;
  });
  await watching.said("no keys\n");
  await api.add(secretOf("told"), "told");
  await watching.said("speech told: 1 usable, 0 resting, 0 disabled\n");
  await api.report(secretOf("told"), 401);
  await watching.said("speech told: 0 usable, 0 resting, 1 disabled\n");
  watching.signal("SIGTERM");
  expect(await watching.ended).toMatchObject({ code: 0, err: "" });
  expect(between.paths.filter((path) => path.startsWith("/api/events"))).toHaveLength(1);
  // Both services, when it begins and for each of the two changes.
  expect(between.paths.filter((path) => path.includes("keys")).length).toBeLessThanOrEqual(6);
});

it("shows that a rest is over, which is no event", async () => {
  await api.set("cooldown_seconds", 1);
  await api.add(secretOf("rested"), "rested");
  const watching = start(`watch --region rested --interval ${NEVER}`);
  await watching.said("1 usable");
  await api.report(secretOf("rested"), 429);
  await watching.said("0 usable, 1 resting, 0 disabled\nspeech rested: 1 usable, 0 resting");
  expect(await watching.interrupted()).toMatchObject({ code: 0 });
});

it("follows the log of a key by what the server tells", async () => {
  const { id } = (await api.add(secretOf("followed"), "followed")).body.data;
  const following = start(`logs --follow --key ${id}`);
  await following.said("add_key");
  await api.report(secretOf("followed"), 403);
  await following.said("disable_key  403");
  expect(await following.interrupted()).toMatchObject({ code: 0, err: "" });
});

it("comes back when the connection was lost, and shows what happened meanwhile", async () => {
  const link = await TcpLink.to(server.url);
  onTestFinished(() => link.close());
  const url = link.url.replace(/\/$/, "");
  const watching = start(`watch --region lost --interval ${NEVER}`, url);
  const following = start("logs --follow --limit 1", url);
  await Promise.all([watching.said("no keys\n"), following.said("  ")]);
  link.cut();
  await api.add(secretOf("lost"), "lost");
  link.mend();
  await watching.said("speech lost: 1 usable");
  await following.said(`lost`);
  await api.report(secretOf("lost"), 401);
  await watching.said("speech lost: 0 usable, 0 resting, 1 disabled");
  await following.said("disable_key  401");
  expect([(await watching.interrupted()).code, (await following.interrupted()).code]).toEqual([0, 0]);
});

it("asks now and then where the server has no events", async () => {
  const old = await PassingOn.to(server.url, (asked, response) => {
    if (!asked.url?.startsWith("/api/events")) return false;
    response.writeHead(404, { "content-type": "application/json" });
    response.end(JSON.stringify({ success: false, error: "Not found", code: "not_found" }));
    return true;
  });
  onTestFinished(() => old.close());
  const watching = start("watch --region asked --interval 0.1", old.url);
  const following = start("logs --follow --limit 1", old.url);
  await watching.said("no keys\n");
  await api.add(secretOf("asked"), "asked");
  await watching.said("speech asked: 1 usable");
  await following.said("asked");
  const asked = () => old.paths.filter((path) => path.startsWith("/api/events")).length;
  await until(() => asked() === 2);
  expect([(await watching.interrupted()).code, (await following.interrupted()).code]).toEqual([0, 0]);
});

it("ends where it may not see what happens, and where nobody answers at first", async () => {
  const nobody = await TcpLink.to(server.url);
  nobody.close();
  const lost = await start("watch", nobody.url.replace(/\/$/, "")).ended;
  expect([lost.code, lost.err]).toEqual([3, expect.stringContaining("does not answer")]);
  const { body } = await api.post("/tokens", { name: "first", role: "admin" });
  const admin = new Api(server, body.data.token);
  const client = await admin.post("/tokens", { name: "second", role: "client" });
  const token = { AZURE_KEY_POOL_TOKEN: client.body.data.token };
  expect((await start("watch", server.url, token).ended).code).toBe(4);
});
