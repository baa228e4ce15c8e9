import { afterEach, beforeEach, expect, it } from "vitest";
import { AdminClient } from "../../../src/adapters/client/index.ts";
import { type Api, addKeys, openApi, secretOf } from "../http/open-api.ts";

let api: Api;
let admin: AdminClient;

const clientOf = (token?: string) => new AdminClient({ baseUrl: `${api.url}/api`, ...(token && { token }) });

beforeEach(async () => {
  api = await openApi();
  await addKeys(api, 2);
  const { token } = await clientOf().createToken({ name: "me", role: "admin" });
  admin = clientOf(token);
});
afterEach(() => api.close());

it("makes, lists and revokes tokens, and knows its own", async () => {
  const scope = { services: ["speech"], regions: ["eastasia"] } as const;
  const { token, ...made } = await admin.createToken({ name: "screen", role: "viewer", scope });
  const listed = await admin.listTokens();
  // Both were made at the same instant, so either may come first.
  expect(listed.toSorted((a, b) => a.name.localeCompare(b.name))).toEqual([
    expect.objectContaining({ name: "me" }),
    made,
  ]);
  expect(await clientOf(token).readSelf()).toMatchObject({ id: made.id, role: "viewer", scope });
  await admin.revokeToken(made.id);
  expect(await admin.listTokens()).toHaveLength(1);
  await expect(admin.revokeToken(made.id)).rejects.toMatchObject({ code: "token_not_found" });
});

it("tells a secret for a reason", async () => {
  expect(await admin.revealKey("speech", 2, "moving it")).toMatchObject({ id: 2, key: secretOf(2) });
  await expect(admin.revealKey("translation", 2, "moving it")).rejects.toMatchObject({
    code: "key_not_found",
  });
});

it("exports all keys as an import takes them", async () => {
  const { type, keys } = await admin.exportKeys("speech");
  expect([type, keys.map(({ key }) => key)]).toEqual(["speech", [secretOf(1), secretOf(2)]]);
  expect(await admin.exportKeys("translation")).toEqual({ type: "translation", keys: [] });
});

it("says why there is no export", async () => {
  const { token } = await admin.createToken({ name: "screen", role: "viewer" });
  await expect(clientOf(token).exportKeys("speech")).rejects.toMatchObject({ code: "forbidden" });
});
