// The pool inside an Express app: its own routes ask it for keys, and its HTTP API is mounted under /pool, with the page
// of its documentation at /pool/api/docs.
import { createKeyPool } from "azure-key-pool";
import { createHttpApp } from "azure-key-pool/http";
import { createInMemoryPorts } from "azure-key-pool/in-memory";
import express from "express";
import { pino } from "pino";

/** Answers the status code that Azure gave. */
export type CallAzure = (secret: string, region: string) => Promise<number>;

export async function openApp(callAzure: CallAzure) {
  const ports = createInMemoryPorts();
  const pool = createKeyPool(ports);
  await pool.start();

  const app = express();
  app.get("/speak", async (_request, response) => {
    const turn = await pool.handOutKey.execute({ service: "speech", region: "eastasia" });
    if (turn.status !== "handed-out") return response.sendStatus(503);
    const { service, secret, region } = turn.key;
    const code = await callAzure(secret, region);
    const { action } = await pool.reportCode.execute({ service, secret, code });
    response.json({ code, action });
  });
  const api = createHttpApp({ pool, clock: ports.clock, log: pino({ level: "warn" }), version: "1.0.0" });
  app.use("/pool", api.callback());
  return { app, pool };
}
