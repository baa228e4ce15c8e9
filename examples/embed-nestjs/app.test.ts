import { expect, it, onTestFinished } from "vitest";
import { openApp } from "./app.ts";

async function serve(codes: number[]) {
  const used: string[] = [];
  const app = await openApp(async (secret) => {
    used.push(secret);
    return codes.shift() ?? 200;
  });
  await app.listen(0, "127.0.0.1");
  onTestFinished(() => app.close());
  return { url: await app.getUrl(), used };
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
