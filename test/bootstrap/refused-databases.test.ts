import { writeFileSync } from "node:fs";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { openDatabase } from "../../src/adapters/mikro-orm/index.ts";
import { PoolServer } from "../servers/pool-server.ts";
import { findPostgres, freshDatabase } from "../servers/postgres-server.ts";
import { testSealing } from "../situations/sealing.ts";
import { refusedHere, scratchFolder } from "./servers.ts";

const postgres = await findPostgres();
afterAll(async () => {
  if ("server" in postgres) await postgres.server.stop();
});

/** What a server prints that ends at its start, beside its log. */
async function complaint(env: Record<string, string>): Promise<string> {
  const { code, output } = await PoolServer.refused({ env });
  expect(code).toBe(1);
  const lines = output.split("\n").filter((line) => line !== "" && !line.startsWith("{"));
  expect(lines).toHaveLength(1);
  return lines[0] as string;
}

/** The same of a server in this process. */
async function refusal(env: Record<string, string>): Promise<string> {
  const message = await refusedHere(env);
  expect(message).not.toContain("\n");
  return message;
}

it("a file that is no database ends the start with one line", async () => {
  const file = `${scratchFolder()}/keys.db`;
  writeFileSync(file, "id,key,region\n".repeat(1000));
  expect(await complaint({ DATABASE_URL: `sqlite:${file}` })).toBe(
    `sqlite:${file} cannot be used: file is not a database`,
  );
});

describe.skipIf("missing" in postgres)("a PostgreSQL database", () => {
  const { server } = postgres as Extract<typeof postgres, { server: unknown }>;

  it("without the role ends the start at once, with one line", async () => {
    const url = new URL(server.url);
    url.username = "missing";
    url.password = "hunter2";
    expect(await refusal({ DATABASE_URL: url.href })).toBe(
      `postgres://${url.host}${url.pathname} does not open: role "missing" does not exist`,
    );
  });

  it("that a lone instance has is refused to every other one, which says why", async () => {
    const { url: DATABASE_URL, drop } = await freshDatabase(server);
    const lone = await openDatabase({ url: DATABASE_URL, sealing: testSealing() });
    onTestFinished(async () => {
      await lone.close();
      await drop();
    });
    expect(await refusal({ DATABASE_URL })).toMatch(/is in use: another process has it open.*REDIS_URL/);
    expect(await refusal({ DATABASE_URL, REDIS_URL: "redis://127.0.0.1:1" })).toMatch(
      /is in use: a process that does not share its cooldowns .*REDIS_URL.* has it open/,
    );
  });

  it("that instances share is refused to a lone one, which says why", async () => {
    const { url, drop } = await freshDatabase(server);
    const shared = await openDatabase({ url, usedBy: "instances", sealing: testSealing() });
    onTestFinished(async () => {
      await shared.close();
      await drop();
    });
    expect(await refusal({ DATABASE_URL: url })).toMatch(/is in use: another process has it open.*REDIS_URL/);
  });
});
