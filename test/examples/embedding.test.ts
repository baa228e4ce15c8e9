import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { openApp as openExpress } from "../../examples/embed-express/app.ts";
import { openApp as openFastify } from "../../examples/embed-fastify/app.ts";
import { openApp as openNest } from "../../examples/embed-nestjs/app.ts";

type CallAzure = (secret: string, region: string) => Promise<number>;

interface Served {
  readonly url: string;
  readonly close: () => Promise<unknown>;
}

/** The same program in each framework, listening on loopback. */
const FRAMEWORKS: Readonly<Record<string, (callAzure: CallAzure) => Promise<Served>>> = {
  Express: async (callAzure) => {
    const { app, pool } = await openExpress(callAzure);
    const server = app.listen(0, "127.0.0.1");
    await once(server, "listening");
    const close = async () => {
      server.close();
      server.closeAllConnections();
      await pool.stop();
    };
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
  },
  Fastify: async (callAzure) => {
    const app = openFastify(callAzure);
    return { url: await app.listen({ host: "127.0.0.1", port: 0 }), close: () => app.close() };
  },
  Nest: async (callAzure) => {
    const app = await openNest(callAzure);
    await app.listen(0, "127.0.0.1");
    return { url: await app.getUrl(), close: () => app.close() };
  },
};

describe.each(Object.entries(FRAMEWORKS))("the pool in an app of %s", (_, open) => {
  /** Azure answers these codes, then 200. */
  async function serve(codes: number[]) {
    const used: string[] = [];
    const { url, close } = await open(async (secret) => {
      used.push(secret);
      return codes.shift() ?? 200;
    });
    onTestFinished(async () => void (await close()));
    return { url, used };
  }

  it("routes of the app use keys that were added through the mounted API", async () => {
    const { url, used } = await serve([200, 429]);
    expect((await fetch(`${url}/speak`)).status).toBe(503);
    const added = await fetch(`${url}/pool/api/keys`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ key: "a-made-up-key-0001", region: "eastasia" }),
    });
    expect(added.status).toBe(201);
    expect(await (await fetch(`${url}/speak`)).json()).toEqual({ code: 200, action: "keep_enabled" });
    const handedOut = await (await fetch(`${url}/pool/api/keys/get?region=eastasia`)).json();
    expect(handedOut).toMatchObject({ data: { key: "a-made-up-key-0001" } });
    expect(await (await fetch(`${url}/speak`)).json()).toEqual({ code: 429, action: "cooldown" });
    expect((await fetch(`${url}/speak`)).status).toBe(503);
    expect(used).toEqual(["a-made-up-key-0001", "a-made-up-key-0001"]);
  });

  it("a browser that comes to the mounted API is sent to its documentation", async () => {
    const { url } = await serve([]);
    const page = await fetch(`${url}/pool`, { headers: { accept: "text/html" } });
    expect([page.url, page.status]).toEqual([`${url}/pool/api/docs`, 200]);
  });
});
