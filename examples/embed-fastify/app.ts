// The pool inside a Fastify app: it starts and stops with it, its own routes ask it for keys, and its HTTP API is mounted
// under /pool, with the page of its documentation at /pool/api/docs.
import { createKeyPool } from "azure-key-pool";
import { createHttpApp } from "azure-key-pool/http";
import { createInMemoryPorts } from "azure-key-pool/in-memory";
import { fastify } from "fastify";
import { pino } from "pino";

/** Answers the status code that Azure gave. */
export type CallAzure = (secret: string, region: string) => Promise<number>;

const PREFIX = "/pool";

export function openApp(callAzure: CallAzure) {
  const ports = createInMemoryPorts();
  const pool = createKeyPool(ports);
  const app = fastify();
  app.addHook("onReady", async () => {
    await pool.start();
  });
  app.addHook("onClose", () => pool.stop());

  app.get("/speak", async (_request, reply) => {
    const turn = await pool.handOutKey.execute({ service: "speech", region: "eastasia" });
    if (turn.status !== "handed-out") return reply.code(503).send();
    const { service, secret, region } = turn.key;
    const code = await callAzure(secret, region);
    const { action } = await pool.reportCode.execute({ service, secret, code });
    return { code, action };
  });

  const api = createHttpApp({ pool, clock: ports.clock, log: pino({ level: "warn" }), version: "1.0.0" });
  const answer = api.callback();
  app.register(async (mounted) => {
    // The API reads bodies itself, so that their limits and faults are its own.
    mounted.removeAllContentTypeParsers();
    mounted.addContentTypeParser("*", (_request, _payload, done) => done(null));
    for (const path of [PREFIX, `${PREFIX}/*`]) {
      mounted.all(path, async ({ raw, originalUrl }, reply) => {
        reply.hijack();
        const url = originalUrl.slice(PREFIX.length);
        await answer(
          Object.assign(raw, { originalUrl, url: url.startsWith("/") ? url : `/${url}` }),
          reply.raw,
        );
      });
    }
  });
  return app;
}
