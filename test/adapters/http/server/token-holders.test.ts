import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Api, openApi } from "../open-api.ts";
import { rawCaller, until } from "../raw-caller.ts";

let api: Api;
let admin: string;
beforeEach(async () => {
  api = await openApi();
  admin = await made("admin");
});
afterEach(() => api.close());

async function made(role: "admin" | "viewer" | "client", expiresAt?: number): Promise<string> {
  const created = await api.pool.access?.create({ name: role, role, ...(expiresAt && { expiresAt }) });
  return created?.text ?? "";
}

const idOf = (token: string) => token.split("_")[1] ?? "";

/** Asks on one connection, each time with this header, who it is. */
function connection() {
  const caller = rawCaller(api.url);
  return async (...headers: readonly string[]): Promise<string> => {
    const before = caller.received().length;
    const count = caller.statuses().length;
    caller.socket.write(
      `GET /api/tokens/self HTTP/1.1\r\nHost: localhost\r\n${headers.map((one) => `${one}\r\n`).join("")}\r\n`,
    );
    await until(() => caller.statuses().length > count && caller.received().endsWith("}"));
    const answer = caller.received().slice(before);
    return /"role":"(\w+)"/.exec(answer)?.[1] ?? /HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? "";
  };
}

describe("a connection that has shown a good token", () => {
  it("is refused from the next request on when it is revoked", async () => {
    const ask = connection();
    const bearer = `Authorization: Bearer ${await made("viewer")}`;
    expect([await ask(bearer), await ask(bearer)]).toEqual(["viewer", "viewer"]);
    await api.pool.access?.revoke(idOf(bearer));
    expect(await ask(bearer)).toBe("401");
  });

  it("is refused from its last millisecond on", async () => {
    const ask = connection();
    const bearer = `Authorization: Bearer ${await made("viewer", api.clock.now() + 1000)}`;
    expect(await ask(bearer)).toBe("viewer");
    api.clock.advance(999);
    expect(await ask(bearer)).toBe("viewer");
    api.clock.advance(1);
    expect(await ask(bearer)).toBe("401");
  });

  it("is known again when all tokens have been read anew", async () => {
    const ask = connection();
    const bearer = `Authorization: Bearer ${admin}`;
    expect(await ask(bearer)).toBe("admin");
    await api.pool.access?.load();
    expect(await ask(bearer)).toBe("admin");
  });

  it("is whoever each of its requests says", async () => {
    const ask = connection();
    const viewer = await made("viewer");
    expect(await ask(`Authorization: Bearer ${admin}`)).toBe("admin");
    expect(await ask(`Authorization: Bearer ${viewer}`)).toBe("viewer");
    expect(await ask(`X-API-Key: ${admin}`)).toBe("admin");
    expect(await ask(`x-api-key: ${viewer}`)).toBe("viewer");
  });

  it("is nobody without it, and with more than it", async () => {
    const ask = connection();
    const bearer = `Authorization: Bearer ${admin}`;
    expect(await ask(bearer)).toBe("admin");
    expect(await ask()).toBe("401");
    expect(await ask(bearer, bearer)).toBe("401");
    expect(await ask(bearer, `X-API-Key: ${admin}`)).toBe("401");
    expect(await ask(`X-API-Key: Bearer ${admin}`)).toBe("401");
    expect(await ask(`Authorization: ${admin}`)).toBe("401");
  });
});
