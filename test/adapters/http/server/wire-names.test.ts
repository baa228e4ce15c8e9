import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Api, addKeys, type Json, openApi, secretOf } from "../open-api.ts";

let api: Api;
beforeEach(async () => {
  api = await openApi();
});
afterEach(() => api.close());

describe("fields that a rule of the domain refuses are named as they were sent", () => {
  const message = "must not contain the key itself";

  it("a new key's name and tag", async () => {
    const telling = `my ${secretOf(1)}`;
    const sent = { key: secretOf(1), region: "eastasia", keyname: telling, tag: telling };
    const { status, json } = await api.post("/keys", sent);
    expect([status, json]).toEqual([
      400,
      {
        success: false,
        error: `keyname: ${message}; tag: ${message}`,
        code: "invalid_request",
        details: [
          { field: "keyname", message },
          { field: "tag", message },
        ],
      },
    ]);
  });

  it("a changed key's name", async () => {
    await addKeys(api, 1);
    const { status, json } = await api.send("PUT", "/keys/1", { keyname: secretOf(1) });
    expect([status, json.error, json.details]).toEqual([
      400,
      `keyname: ${message}`,
      [{ field: "keyname", message }],
    ]);
  });

  it("a change of nothing", async () => {
    await addKeys(api, 1);
    const needed = "at least one of keyname, region, tag and max_in_flight is needed";
    const { status, json } = await api.send("PUT", "/keys/1", {});
    expect([status, json.error, json.details]).toEqual([
      400,
      `body: ${needed}`,
      [{ field: "body", message: needed }],
    ]);
  });

  it("a setting's name in a path", async () => {
    const { status, json } = await api.send("PUT", "/config/a%20b", { config_value: "1" });
    const rule = 'must be 1 to 100 letters, digits, "_", "-", "." or ":"';
    expect([status, json.error, json.details]).toEqual([
      400,
      `config_key: ${rule}`,
      [{ field: "config_key", message: rule }],
    ]);
  });

  it("what is wrong with the rows of an upload", async () => {
    const bad = { key: "short", region: 5, keyname: "\u0007", tag: {}, max_in_flight: -1, status: "resting" };
    const telling = { key: secretOf(1), region: "eastasia", keyname: secretOf(1), status: "resting" };
    const jsonData = [bad, telling];
    const expected = [
      [0, "key", "must be 8 to 256 visible ASCII characters"],
      [0, "region", "must be a JSON string"],
      [0, "keyname", "must be at most 100 characters, none of them control characters"],
      [0, "tag", "must be a JSON string"],
      [0, "max_in_flight", "must be an integer from 1 to 10000, or null"],
      [0, "status", "must be one of enabled, disabled"],
      [1, "status", "must be one of enabled, disabled"],
      [1, "keyname", message],
    ] as const;
    const validated = await api.post("/upload/validate", { jsonData });
    expect(validated.json.data.errors).toEqual(
      expected.map(([index, field, message]) => ({ index, field, message })),
    );
    const created = await api.post("/upload/create-keys", { jsonData });
    expect(created.json.data.results.map(({ error }: Json) => error)).toEqual(
      [0, 1].map((row) =>
        expected
          .filter(([index]) => index === row)
          .map(([, field, message]) => `${field}: ${message}`)
          .join("; "),
      ),
    );
  });
});

it("a field that the edge refuses keeps its name, whatever the domain calls so", async () => {
  const options = { secret: true, name: true, value: true };
  const { json } = await api.post("/upload/create-keys", { jsonData: [{}], options });
  expect(json.details.map(({ field }: Json) => field)).toEqual([
    "options.secret",
    "options.name",
    "options.value",
  ]);
});
