import { once } from "node:events";
import { createServer } from "node:net";
import type { Container } from "inversify";
import { pino } from "pino";
import { describe, expect, it, onTestFinished } from "vitest";
import { openDatabase } from "../../src/adapters/mikro-orm/index.ts";
import { TIMER_SCHEDULER } from "../../src/application/index.ts";
import { readConfig, SCHEDULER, SETTING_REPOSITORY, startServer } from "../../src/bootstrap/index.ts";
import type { Scheduler } from "../../src/domain/index.ts";
import { SERVER_ENVIRONMENT } from "../servers/pool-server.ts";
import { findRedis } from "../servers/redis-server.ts";
import { TcpLink } from "../servers/tcp-link.ts";
import { testSealing } from "../situations/sealing.ts";
import { scratchFolder } from "./servers.ts";

/** The timers of the process, and how many of them are still to run. */
function countedTimers() {
  const planned = new Set<object>();
  const scheduler: Scheduler = {
    after: (ms, run) => {
      const timer = {};
      planned.add(timer);
      const cancel = TIMER_SCHEDULER.after(ms, () => {
        planned.delete(timer);
        run();
      });
      return () => {
        planned.delete(timer);
        cancel();
      };
    },
  };
  return { scheduler, planned };
}

/** A start on a SQLite file; `reopen` fails while the file is still in use. */
function prepare(env: Readonly<Record<string, string>> = {}) {
  const url = `sqlite:${scratchFolder()}/keys.db`;
  const start = (adapt: (container: Container) => void) =>
    startServer({
      config: readConfig({ ...SERVER_ENVIRONMENT, DATABASE_URL: url, ...env }),
      logger: pino({ level: "silent" }),
      version: "1.2.3",
      adapt,
    });
  const reopen = async () => (await openDatabase({ url, sealing: testSealing() })).close();
  return { start, reopen };
}

function breakSettings(container: Container): void {
  const settings = container.get(SETTING_REPOSITORY);
  const all = () => Promise.reject(new Error("no settings"));
  container.rebind(SETTING_REPOSITORY).toConstantValue({
    all,
    seed: (entries) => settings.seed(entries),
    apply: (changes, entry) => settings.apply(changes, entry),
  });
}

describe("a start that fails", () => {
  it("while an adapter is bound closes the database", async () => {
    const { start, reopen } = prepare();
    const adapt = () => {
      throw new Error("no adapter");
    };
    await expect(start(adapt)).rejects.toThrow("no adapter");
    await reopen();
  });

  it("while the pool starts closes the database and plans nothing", async () => {
    const { start, reopen } = prepare();
    const { scheduler, planned } = countedTimers();
    const adapt = (container: Container) => {
      breakSettings(container);
      container.rebind(SCHEDULER).toConstantValue(scheduler);
    };
    await expect(start(adapt)).rejects.toThrow("no settings");
    expect(planned.size).toBe(0);
    await reopen();
  });

  it("because its port is taken stops the pool and closes the database", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    onTestFinished(() => void other.close());
    const { start, reopen } = prepare({ PORT: String((other.address() as { port: number }).port) });
    const { scheduler, planned } = countedTimers();
    let mostPlanned = 0;
    const after: Scheduler["after"] = (ms, run) => {
      const cancel = scheduler.after(ms, run);
      mostPlanned = Math.max(mostPlanned, planned.size);
      return cancel;
    };
    const adapt = (container: Container) => void container.rebind(SCHEDULER).toConstantValue({ after });
    await expect(start(adapt)).rejects.toMatchObject({ code: "EADDRINUSE" });
    expect(mostPlanned).toBeGreaterThan(0);
    expect(planned.size).toBe(0);
    await reopen();
  });
});

const found = await findRedis();

it.skipIf("missing" in found)("a start that fails while the pool starts leaves Redis", async () => {
  if ("missing" in found) return;
  const link = await TcpLink.to(found.server.url);
  onTestFinished(async () => {
    link.close();
    await found.server.stop();
  });
  const { start, reopen } = prepare({ REDIS_URL: link.url });
  await expect(start(breakSettings)).rejects.toThrow("no settings");
  expect(link.joined).toBe(3);
  await expect.poll(() => link.open).toBe(0);
  await reopen();
});
