import { expect, it } from "vitest";
import { readConfig } from "../../src/bootstrap/config.ts";
import { warningsOfNode } from "../../src/bootstrap/node-variables.ts";
import { PoolServer } from "../servers/pool-server.ts";
import { START_ARGUMENTS } from "../servers/start-command.ts";
import { scratchFolder } from "./servers.ts";

it("a server does not start where Node takes any certificate", async () => {
  const env = { NODE_TLS_REJECT_UNAUTHORIZED: "0", DATABASE_URL: "sqlite::memory:" };
  const { code, output } = await PoolServer.refused({ env });
  expect(code).toBe(1);
  expect(output).toContain("NODE_TLS_REJECT_UNAUTHORIZED: must not be 0");
  expect(() => readConfig({ NODE_TLS_REJECT_UNAUTHORIZED: "1" })).not.toThrow();
});

it("a proxy on the way to Azure is said in the log, without its address", async () => {
  const env = { NODE_USE_ENV_PROXY: "1", HTTPS_PROXY: "http://me:hunter2@127.0.0.1:1" };
  const server = await PoolServer.start({ env: { ...env, DATABASE_URL: "sqlite::memory:" } });
  await server.stop();
  const lines = server.log.filter(({ msg }) => String(msg).startsWith("NODE_USE_ENV_PROXY is set"));
  expect(lines).toHaveLength(1);
  expect(server.output).not.toContain("hunter2");
});

it.each([
  [{}, ["--use-env-proxy"], 1],
  [{ NODE_OPTIONS: "--max-http-header-size=9000 --use-env-proxy" }, [], 1],
  [{ HTTPS_PROXY: "http://proxy.test" }, [], 0],
])("a proxy is in use with %j %j: %s warnings", (environment, options, expected) => {
  expect(warningsOfNode(environment, options)).toHaveLength(expected);
});

it("a diagnostic report of a server holds no environment", () => {
  expect(START_ARGUMENTS).toContain("--report-exclude-env");
});

it("a server lets no debugger in by a signal", async () => {
  expect(START_ARGUMENTS).toContain("--disable-sigusr1");
  const server = await PoolServer.start({ cwd: scratchFolder() });
  server.signal("SIGUSR1");
  expect((await fetch(`${server.url}/api/health`)).status).toBe(200);
  expect(await server.stop()).toEqual({ code: 0, signal: null });
  expect(server.output).not.toContain("Debugger");
});
