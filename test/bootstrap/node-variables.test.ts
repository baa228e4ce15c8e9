import { expect, it } from "vitest";
import { readConfig } from "../../src/bootstrap/config.ts";
import { warningsOfNode } from "../../src/bootstrap/node-variables.ts";
import { PoolServer } from "../servers/pool-server.ts";
import { START_ARGUMENTS } from "../servers/start-command.ts";

it("no configuration is taken where Node takes any certificate", () => {
  const configured = (value: string) => () => readConfig({ NODE_TLS_REJECT_UNAUTHORIZED: value });
  expect(configured("0")).toThrow("NODE_TLS_REJECT_UNAUTHORIZED: must not be 0");
  expect(configured("1")).not.toThrow();
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

it("a server says in its log that a proxy is on the way to Azure, without its address, and lets no debugger in by a signal", async () => {
  expect(START_ARGUMENTS).toContain("--disable-sigusr1");
  const proxy = { NODE_USE_ENV_PROXY: "1", HTTPS_PROXY: "http://me:hunter2@127.0.0.1:1" };
  const server = await PoolServer.start({ env: { ...proxy, DATABASE_URL: "sqlite::memory:" } });
  server.signal("SIGUSR1");
  expect((await fetch(`${server.url}/api/health`)).status).toBe(200);
  expect(await server.stop()).toEqual({ code: 0, signal: null });
  expect(server.output).not.toContain("Debugger");
  const lines = server.log.filter(({ msg }) => String(msg).startsWith("NODE_USE_ENV_PROXY is set"));
  expect(lines).toHaveLength(1);
  expect(server.output).not.toContain("hunter2");
});
