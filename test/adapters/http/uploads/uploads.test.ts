import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { rounds } from "../../../situations/long-run.ts";
import { type Answer, type Api, addKeys, type Json, openApi, secretOf } from "../open-api.ts";
import { SERVICES_UNDER_TEST } from "../services.ts";

/** In more chunks than one. */
const MANY = rounds(2_000, 10_000);

let api: Api;
beforeEach(async () => {
  api = await openApi();
});
afterEach(() => api.close());

const row = (number: number, more: object = {}) => ({ key: secretOf(number), region: "eastasia", ...more });
const rows = (count: number) => Array.from({ length: count }, (_, n) => row(n + 1));
const create = (jsonData: unknown, options?: unknown) =>
  api.post("/upload/create-keys", { jsonData, ...(options !== undefined && { options }) });
const statusesOf = ({ json }: Answer) => json.data.results.map(({ status }: Json) => status);
const counts = ({ status, json: { data } }: Answer) => [status, data.success, data.failed, data.skipped];
const listed = async (base = "/keys") => (await api.get(base)).json.data;
const actions = async (base = "/keys") =>
  (await api.get(`${base}/logs`)).json.data.logs.map(({ action }: Json) => action);

describe("GET /upload/template", () => {
  it.each(SERVICES_UNDER_TEST)(
    "is a file of $service keys that create-keys takes once it is filled in",
    async (one) => {
      const { status, headers, text, json } = await api.get(`/upload/template?type=${one.service}`);
      expect(status).toBe(200);
      expect(headers.get("content-disposition")).toBe(
        `attachment; filename="${one.service}-keys-template.json"`,
      );
      expect(json).toEqual({
        type: one.service,
        keys: [expect.objectContaining({ region: one.region, status: "enabled" }), expect.any(Object)],
        options: expect.objectContaining({ validateBeforeCreate: true }),
      });
      expect(Object.keys(json.keys[0])).toEqual([
        "key",
        "region",
        "keyname",
        "tag",
        "status",
        "max_in_flight",
      ]);
      const unfilled = await create(text);
      expect(unfilled.status).toBe(400);
      expect(unfilled.json.data.results[0]).toMatchObject({
        status: "failed",
        error: "key: must be a key, not a placeholder",
      });
      expect(await listed(one.base)).toEqual([]);
      const filled = text.replaceAll(/replace-with-your-\w+-key-/g, "abcdefgh");
      expect((await create(JSON.parse(filled))).status).toBe(201);
      expect((await create(filled)).status).toBe(200);
      expect(await listed(one.base)).toMatchObject([{ status: "enabled" }, { status: "disabled" }]);
    },
  );

  it("is of speech when nothing is said, and of nothing else", async () => {
    expect((await api.get("/upload/template")).json.type).toBe("speech");
    const { status, json } = await api.get("/upload/template?type=vision");
    expect([status, json.details[0].field]).toEqual([400, "type"]);
  });
});

describe("POST /upload/create-keys", () => {
  it("takes an object, a bare array or the text of either", async () => {
    const forms = [
      { keys: [row(1)] },
      [row(2)],
      JSON.stringify({ keys: [row(3)] }),
      JSON.stringify([row(4)]),
    ];
    for (const form of forms) expect(counts(await create(form))).toEqual([201, 1, 0, 0]);
    expect(await listed()).toHaveLength(4);
  });

  it("lets the type pick the service, speech for a bare array", async () => {
    await create({ type: "translation", keys: [row(1), row(2)] });
    await create([row(1)]);
    expect(await listed("/translation/keys")).toHaveLength(2);
    expect(await listed()).toHaveLength(1);
  });

  it("lets a type beside the file win over the one in it", async () => {
    const file = { type: "speech", keys: [row(1), row(2)] };
    await api.post("/upload/create-keys", { type: "translation", jsonData: file });
    expect([(await listed("/translation/keys")).length, (await listed()).length]).toEqual([2, 0]);
    const validate = (type: string) => api.post("/upload/validate", { type, jsonData: file });
    expect((await validate("translation")).json.data.warnings).toHaveLength(2);
    expect((await validate("speech")).json.data.warnings).toEqual([]);
    expect((await validate("vision")).json.details).toMatchObject([{ field: "type" }]);
  });

  it("takes a file that begins with a byte order mark", async () => {
    const text = `\uFEFF${JSON.stringify([row(1)])}`;
    const body = `\uFEFF${JSON.stringify({ jsonData: text })}`;
    expect(counts(await api.post("/upload/create-keys", body))).toEqual([201, 1, 0, 0]);
  });

  it("answers each row and logs one row for the whole act", async () => {
    await addKeys(api, 1);
    const answer = await create([row(1), row(2, { keyname: "Two", tag: "gold" })]);
    expect(answer.json).toEqual({
      success: true,
      data: {
        total: 2,
        success: 1,
        failed: 0,
        skipped: 1,
        results: [
          { index: 0, id: 1, key: "sekr***", status: "skipped", error: "Key already exists" },
          { index: 1, id: 2, key: "sekr***", status: "created" },
        ],
      },
      message: "Keys imported successfully",
    });
    expect((await listed())[1]).toMatchObject({ keyname: "Two", tag: "gold", status: "enabled" });
    expect(await actions()).toEqual(["import_keys", "add_key"]);
    expect((await api.get("/keys/logs")).json.data.logs[0]).toMatchObject({
      key_id: null,
      note: "1 created, 0 updated, 1 skipped, 0 failed",
    });
  });

  it("hands the new keys out at once, in the order of the rows", async () => {
    await create(rows(3));
    for (const number of [1, 2, 3, 1]) {
      expect((await api.get("/keys/get")).json.data.key).toBe(secretOf(number));
    }
  });

  it("creates disabled what the row or the options want disabled", async () => {
    await create([row(1), row(2, { status: "disabled" })]);
    await create([row(3), row(4, { status: "enabled" })], { enableAfterCreate: false });
    expect((await listed()).map(({ status }: Json) => status)).toEqual([
      "enabled",
      "disabled",
      "disabled",
      "disabled",
    ]);
    expect((await listed())[1].disabled_by).toBe("person");
  });

  it("lets the outer options win over the file's, one by one", async () => {
    const file = { keys: [row(1)], options: { enableAfterCreate: false, overwriteExisting: true } };
    await create(file, { enableAfterCreate: true });
    await create({ ...file, keys: [row(1, { keyname: "over" })] }, { enableAfterCreate: null });
    expect(await listed()).toMatchObject([{ status: "enabled", keyname: "over" }]);
    await create({ ...file, keys: [row(1, { keyname: "not over" })] }, { overwriteExisting: false });
    expect((await listed())[0].keyname).toBe("over");
  });

  it.each(["overwriteExisting", "overwrite"])(
    "%s moves, renames, tags and limits, and touches no status",
    async (option) => {
      await create([
        row(1, { keyname: "a", tag: "x" }),
        row(2, { keyname: "b", tag: "y", max_in_flight: 9 }),
      ]);
      await api.post("/keys/1/disable");
      const moved = [
        row(1, { region: "westus", keyname: "A", tag: "", status: "enabled", max_in_flight: 4 }),
        row(2, { region: "westus", status: "disabled" }),
      ];
      expect(counts(await create(moved, { [option]: true }))).toEqual([200, 2, 0, 0]);
      expect(await listed()).toMatchObject([
        { region: "westus", keyname: "A", tag: null, status: "disabled", max_in_flight: 4 },
        { region: "westus", keyname: "b", tag: "y", status: "enabled", max_in_flight: 9 },
      ]);
      expect((await api.get("/keys/get?region=westus")).json.data.id).toBe(2);
      expect((await api.get("/keys/get")).json.code).toBe("no_key");
      expect(await actions()).toEqual(["import_keys", "disable_key", "import_keys"]);
    },
  );

  it("answers 200 when nothing was left to create, and logs nothing", async () => {
    await create(rows(3));
    expect(counts(await create(rows(3)))).toEqual([200, 0, 0, 3]);
    expect(await actions()).toEqual(["import_keys"]);
  });

  it("refuses to test first as long as it cannot", async () => {
    const { status, json } = await create([row(1)], { testBeforeCreate: true });
    expect([status, json.code]).toEqual([501, "probe_unavailable"]);
    expect(await listed()).toEqual([]);
  });

  describe(`${MANY} rows of which three are wrong`, () => {
    const file = () => {
      const all: unknown[] = rows(MANY);
      all[17] = row(18, { region: "no/where" });
      all[MANY / 2] = { key: "short", region: 5, keyname: "x".repeat(101), status: "resting" };
      all[MANY - 1] = row(1);
      return all;
    };
    const wrong = [
      { index: 17, status: "failed", error: "region: must be 2 to 40 letters, digits or inner hyphens" },
      {
        index: MANY / 2,
        key: "shor***",
        status: "failed",
        error: expect.stringMatching(/^key: .*; region: .*; keyname: .*; status: must be one of/),
      },
      { index: MANY - 1, key: "sekr***", status: "failed", error: "key: is the same as in row 0" },
    ];
    const failures = ({ json }: Answer) =>
      json.data.results.filter(({ status }: Json) => status === "failed");

    it("create nothing when they are validated first", async () => {
      const answer = await create(file());
      expect(counts(answer)).toEqual([400, 0, 3, MANY - 3]);
      expect(failures(answer)).toMatchObject(wrong);
      expect(answer.json).toMatchObject({ success: false, code: "invalid_request" });
      expect(answer.json.error).toMatch(/^Nothing was created: .*keys\[17\] region: .*keys\[\d*999\] key: /);
      expect(await listed()).toEqual([]);
      expect(await actions()).toEqual([]);
    });

    it("create all others when they are not", async () => {
      const answer = await create(file(), { validateBeforeCreate: false });
      expect(counts(answer)).toEqual([207, MANY - 3, 3, 0]);
      expect(failures(answer)).toMatchObject(wrong);
      expect(answer.json.data.results.map(({ index }: Json) => index)).toEqual([...Array(MANY).keys()]);
      expect(await listed()).toHaveLength(MANY - 3);
      expect(await actions()).toEqual(["import_keys"]);
    });
  });

  it("answers 400 when every row failed", async () => {
    const answer = await create([{}, 5, null, [], "x"], { validateBeforeCreate: false });
    expect(counts(answer)).toEqual([400, 0, 5, 0]);
    expect(answer.json.data.results[0].error).toBe("key: is required; region: is required");
    expect(answer.json.data.results.slice(1).map(({ error }: Json) => error)).toEqual(
      Array(4).fill("row: must be a JSON object"),
    );
  });

  it("writes its progress to the log under the request's id", async () => {
    const sent = { jsonData: rows(10_500) };
    await api.send("POST", "/upload/create-keys", sent, { "x-request-id": "big-import" });
    const lines = api.lines().filter(({ msg }) => msg === "importing keys");
    expect(lines).toMatchObject([{ requestId: "big-import", done: 10_000, total: 10_500 }]);
  });
});

describe("what may be sent to be imported", () => {
  const sendText = (path: string, media: string, text: string, query = "") =>
    api.send("POST", `/upload/${path}${query}`, text, { "content-type": media });

  it("is the file that was downloaded, once it is filled in", async () => {
    const { text } = await api.get("/upload/template?type=translation");
    const unfilled = await api.post("/upload/create-keys", text);
    expect(statusesOf(unfilled)).toEqual(["failed", "failed"]);
    expect(unfilled.json.error).toContain("keys[0] key: must be a key, not a placeholder");
    const filled = text.replaceAll(/replace-with-your-\w+-key-/g, "abcdefgh");
    expect((await api.post("/upload/validate", filled)).json.data).toMatchObject({ valid: true, total: 2 });
    expect(counts(await api.post("/upload/create-keys", filled))).toEqual([201, 2, 0, 0]);
    expect(await listed("/translation/keys")).toMatchObject([{ status: "enabled" }, { status: "disabled" }]);
  });

  it("is a file whose options are in force, or its bare array of keys", async () => {
    await api.post("/upload/create-keys", { keys: [row(1)], options: { enableAfterCreate: false } });
    await api.post("/upload/create-keys", [row(2), row(3)]);
    expect((await listed()).map(({ status }: Json) => status)).toEqual(["disabled", "enabled", "enabled"]);
    expect((await api.post("/upload/validate", [row(1), {}])).json.data).toMatchObject({
      total: 2,
      errors: [
        { index: 1, field: "key" },
        { index: 1, field: "region" },
      ],
      warnings: [{ index: 0, field: "key" }],
    });
    const bad = { keys: [row(4)], options: { enableAfterCreat: false, overwrite: 1 } };
    const { status, json } = await api.post("/upload/create-keys", bad);
    expect([status, json.details.map(({ field }: Json) => field)]).toEqual([
      400,
      ["options.overwrite", "options.enableAfterCreat"],
    ]);
  });

  it("is CSV", async () => {
    const text = `\uFEFFkey,keyname,region,tag,status,max_in_flight\r\n${secretOf(1)},"One, of two",westus,gold,disabled, 20 \r\n${secretOf(2)},,,,,\r\n`;
    const answer = await sendText("create-keys", "text/csv; charset=UTF-8", text, "?region=EastAsia");
    expect(counts(answer)).toEqual([201, 2, 0, 0]);
    expect(await listed()).toMatchObject([
      { keyname: "One, of two", region: "westus", tag: "gold", status: "disabled", max_in_flight: 20 },
      { keyname: "", region: "eastasia", tag: null, status: "enabled", max_in_flight: null },
    ]);
  });

  it("is a list of keys, of a service and region and with options that the query names", async () => {
    const text = `# mine\n${secretOf(1)}\n\n${secretOf(2)},westus\n`;
    const query = "?type=translation&region=global&enableAfterCreate=false&validateBeforeCreate=true";
    expect(counts(await sendText("create-keys", "text/plain", text, query))).toEqual([201, 2, 0, 0]);
    expect(await listed("/translation/keys")).toMatchObject([
      { region: "global", status: "disabled" },
      { region: "westus", status: "disabled" },
    ]);
    const moved = "?type=translation&region=eastasia&overwrite=true";
    expect(counts(await sendText("create-keys", "text/plain", secretOf(1), moved))).toEqual([200, 1, 0, 0]);
    expect((await listed("/translation/keys"))[0].region).toBe("eastasia");
    expect((await sendText("validate", "text/plain", text, query)).json.data.warnings).toHaveLength(2);
  });

  it("is told with row and field what is wrong with it, whatever it is", async () => {
    const csv = `key,region,status\n${secretOf(1)},eastasia,enabled\nshort,no/where,resting\n<key>,\n`;
    const { data } = (await sendText("validate", "text/csv", csv)).json;
    expect(data.errors.map(({ index, field }: Json) => [index, field])).toEqual([
      [1, "key"],
      [1, "region"],
      [1, "status"],
      [2, "key"],
      [2, "region"],
    ]);
    const answer = await sendText("create-keys", "text/plain", `${secretOf(1)},eastasia\nyour-key-here`);
    expect(counts(answer)).toEqual([400, 0, 1, 1]);
    expect(answer.json.data.results[1]).toMatchObject({
      key: "your***",
      error: "key: must be a key, not a placeholder; region: is required",
    });
    expect(await listed()).toEqual([]);
  });

  it.each([
    ["text/csv", "", "keys"],
    ["text/csv", "key\n", "keys"],
    ["text/csv", 'key\n"sekrit', "body"],
    ["text/plain", "#", "keys"],
  ])("is not %s of %j", async (media, text, field) => {
    for (const path of ["validate", "create-keys"]) {
      const { status, json } = await sendText(path, media, text);
      expect([status, json.details.map((problem: Json) => problem.field)]).toEqual([
        400,
        [text === "" ? "body" : field],
      ]);
    }
  });

  it.each([
    ["?region=no/where", "region"],
    ["?type=vision", "type"],
    ["?overwrite=yes", "overwrite"],
    ["?enableAfterCreat=false", "enableAfterCreat"],
    ["?region=a&region=b", "region"],
  ])("is not told %s", async (query, field) => {
    const { status, json } = await sendText("create-keys", "text/plain", secretOf(1), query);
    expect([status, json.details[0].field]).toEqual([400, field]);
  });

  it("in JSON says all in its body, and nothing in the query", async () => {
    const { status, json } = await api.post("/upload/create-keys?type=speech&overwrite=true", [row(1)]);
    expect([status, json.details.map(({ field }: Json) => field)]).toEqual([400, ["type", "overwrite"]]);
    expect(await listed()).toEqual([]);
  });

  it.each([
    "application/x-www-form-urlencoded",
    "text/html",
    "text/csv; charset=gbk",
    "text/plain;charset=utf-16",
  ])("is not %s", async (media) => {
    const { status, json } = await sendText("create-keys", media, `key\n${secretOf(1)}`);
    expect([status, json.error]).toEqual([
      415,
      "The body must be application/json or text/csv or text/plain",
    ]);
  });

  it("is JSON everywhere else", async () => {
    const { status } = await api.send("POST", "/keys", secretOf(1), { "content-type": "text/plain" });
    expect(status).toBe(415);
  });
});

describe("POST /upload/validate", () => {
  const validate = async (jsonData: unknown) => (await api.post("/upload/validate", { jsonData })).json;

  it("finds nothing wrong with a good file, and changes nothing", async () => {
    const { data, success } = await validate(rows(3));
    expect(success).toBe(true);
    expect(data).toEqual({ valid: true, total: 3, errors: [], warnings: [] });
    expect(await listed()).toEqual([]);
  });

  it("names the row and field of everything that is wrong", async () => {
    const { data } = await validate({ type: "translation", keys: [row(1), { key: 5 }, row(1), "x"] });
    expect(data).toMatchObject({ valid: false, total: 4, warnings: [] });
    expect(data.errors).toEqual([
      { index: 1, field: "key", message: "must be a JSON string" },
      { index: 1, field: "region", message: "is required" },
      { index: 2, field: "key", message: "is the same as in row 0" },
      { index: 3, field: "row", message: "must be a JSON object" },
    ]);
  });

  it("finds names and tags that look like keys, for they are shown", async () => {
    const secret = "0123456789abcdef".repeat(2);
    expect(
      (await validate([row(1, { keyname: secret }), row(2, { tag: secret.slice(1) })])).data,
    ).toMatchObject({
      valid: false,
      errors: [{ index: 0, field: "keyname", message: "must not hold what looks like a key" }],
    });
  });

  it("warns of keys that are in the pool of that service", async () => {
    await addKeys(api, 1);
    expect((await validate([row(1), row(2)])).data).toMatchObject({
      valid: true,
      warnings: [{ index: 0, field: "key", message: "is in the pool already" }],
    });
    expect((await validate({ type: "translation", keys: [row(1)] })).data.warnings).toEqual([]);
  });
});

it.each(["/upload/create-keys", "/upload/validate"])(
  "I8: bad input to %s is answered 400 with the field",
  async (path) => {
    for (const [what, body, field] of [
      ["nothing", {}, "jsonData"],
      ["null", { jsonData: null }, "jsonData"],
      ["a number", { jsonData: 5 }, "jsonData"],
      ["a truth value", { jsonData: true }, "jsonData"],
      ["broken text", { jsonData: '[{"key":"sekrit' }, "jsonData"],
      ["an empty text", { jsonData: "" }, "jsonData"],
      ["the text of a text", { jsonData: '"[]"' }, "jsonData"],
      ["no rows", { jsonData: [] }, "jsonData.keys"],
      ["an object without keys", { jsonData: {} }, "jsonData.keys"],
      ["keys that are no array", { jsonData: { keys: { 0: row(1) } } }, "jsonData.keys"],
      ["keys that are null", { jsonData: { keys: null } }, "jsonData.keys"],
      ["keys under __proto__", `{"jsonData":{"__proto__":{"keys":[{}]}}}`, "jsonData.keys"],
      ["an unknown type", { jsonData: { type: "vision", keys: [row(1)] } }, "jsonData.type"],
      ["more rows than anybody has", `{"jsonData":[${"0,".repeat(200_000)}0]}`, "jsonData.keys"],
      ["a body without rows", "[]", "keys"],
      ["a body that is null", "null", "body"],
      ["a body that is a text", '"[]"', "body"],
      ["a file whose keys are no array", { keys: {} }, "keys"],
      ["a file of an unknown type", { type: "vision", keys: [row(1)] }, "type"],
      ["a file beside no file", { keys: [row(1)], jsonData: null }, "jsonData"],
      ["more rows in a body than anybody has", `[${"0,".repeat(200_000)}0]`, "keys"],
    ] as const) {
      const { status, json } = await api.post(path, body);
      expect([what, status, json.code]).toEqual([what, 400, "invalid_request"]);
      expect([what, ...json.details.map((problem: Json) => problem.field)]).toEqual([what, field]);
      expect(await listed(), what).toEqual([]);
    }
  },
);

describe("I8: bad rows and options", () => {
  it("a bad row is told with its field", async () => {
    for (const [bad, field] of [
      [5, "row"],
      [null, "row"],
      [[row(1)], "row"],
      [{ ...row(1), region: "127.0.0.1:9/x?" }, "region"],
      [{ ...row(1), key: ["sekrit"] }, "key"],
      [{ ...row(1), key: "with blank inside" }, "key"],
      [{ ...row(1), tag: "x".repeat(51) }, "tag"],
      [{ ...row(1), keyname: 5 }, "keyname"],
      [{ ...row(1), keyname: `my ${secretOf(1)}` }, "keyname"],
      [{ ...row(1), status: "cooldown" }, "status"],
      [{ ...row(1), max_in_flight: 0 }, "max_in_flight"],
      [{ ...row(1), max_in_flight: [5] }, "max_in_flight"],
    ] as const) {
      const { status, json, text } = await create([row(2), bad]);
      expect([bad, status]).toEqual([bad, 400]);
      expect(json.data.results[1]).toMatchObject({ index: 1, status: "failed" });
      expect(json.data.results[1].error).toContain(`${field}: `);
      expect(text).not.toContain(secretOf(1));
      expect(await listed()).toEqual([]);
    }
  });

  it("a row's __proto__ gives it nothing", async () => {
    const body = `{"jsonData":[{"__proto__":${JSON.stringify(row(1))}}]}`;
    const { json } = await api.post("/upload/create-keys", body);
    expect(json.data.results[0].error).toBe("key: is required; region: is required");
    expect({}).not.toHaveProperty("region");
  });

  it("options of a wrong type are all named", async () => {
    const bad = { validateBeforeCreate: "yes", enableAfterCreate: 1, overwriteExisting: [], overwrite: {} };
    const { status, json } = await create(
      { keys: [row(1)], options: { testBeforeCreate: "no" } },
      { ...bad, testBeforeCreate: 0 },
    );
    expect(status).toBe(400);
    expect(json.details.map(({ field }: Json) => field)).toEqual([
      "jsonData.options.testBeforeCreate",
      ...[...Object.keys(bad), "testBeforeCreate"].map((name) => `options.${name}`),
    ]);
    expect((await create([row(1)], [])).json.details[0].field).toBe("options");
    const misspelt = await create(
      { keys: [row(1)], options: { enableAfterCreat: false } },
      { testBefore: true },
    );
    expect([misspelt.status, misspelt.json.details.map(({ field }: Json) => field)]).toEqual([
      400,
      ["jsonData.options.enableAfterCreat", "options.testBefore"],
    ]);
    expect(await listed()).toEqual([]);
  });
});

describe("I9: an imported secret", () => {
  it("is shown masked only, whatever became of its row", async () => {
    const secret = `CaNaRy${"4f7Qz".repeat(15)}JQQJ`;
    await create([{ key: secret, region: "eastasia" }]);
    const bad = [
      { key: secret, region: "eastasia" },
      { key: secret, region: secret },
      { key: `${secret} `, region: "eastasia", keyname: secret },
      { key: { secret }, region: "eastasia", status: secret },
    ];
    const answers = [
      await create(bad),
      await create(bad, { validateBeforeCreate: false }),
      await create(JSON.stringify(bad).slice(0, -1)),
      await create(bad, { [secret]: true }),
      await create({ keys: [{ key: secret, region: "westus" }] }, { overwriteExisting: true }),
      await create([{ key: secret, region: "eastasia" }], { overwriteExisting: secret }),
      await api.post("/upload/validate", { jsonData: bad }),
      await api.post("/upload/validate", bad),
      ...(await Promise.all(
        [
          `${secret},${secret}`,
          `key,region\n"${secret}`,
          `key,${secret}\n`,
          `key\n${secret},${secret}`,
        ].flatMap((text) =>
          ["text/csv", "text/plain"].map((media) =>
            api.send("POST", "/upload/create-keys", text, { "content-type": media }),
          ),
        ),
      )),
      await api.get("/keys/logs"),
    ];
    for (const { text } of answers) expect(text).not.toContain(secret);
    expect(statusesOf(answers[1] as Answer)).toEqual(["skipped", "failed", "failed", "failed"]);
    expect(api.logged()).not.toContain(secret);
  });
});
