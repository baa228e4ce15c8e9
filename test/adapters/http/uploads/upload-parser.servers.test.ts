import { describe, expect, it } from "vitest";
import type { TextFormat } from "../../../../src/adapters/http/uploads/text-rows.ts";
import { parseUpload } from "../../../../src/adapters/http/uploads/upload-parser.ts";
import { isLongRun, rounds } from "../../../situations/long-run.ts";
import { secretOf } from "../open-api.ts";

/** In more than two parts. */
const keys = Array.from({ length: 4_500 }, (_, n) => ({
  key: secretOf(n),
  region: "eastasia",
  tag: "金".repeat(60),
}));
const options = { validateBeforeCreate: false };
const blanks = " ".repeat(1_000_000);
/** Each large upload starts a thread, so a short run takes only the first few, which reach all of the code. */
const first = <T>(count: number, all: readonly T[]): readonly T[] => (isLongRun ? all : all.slice(0, count));
const bytes = (body: unknown) => Buffer.from(typeof body === "string" ? body : JSON.stringify(body));

describe("a large upload", () => {
  it.each(
    first<[string, unknown]>(3, [
      ["an object", { type: "speech", jsonData: { type: "speech", keys, options }, options }],
      ["the file itself", { type: "speech", keys, options }],
      ["the array itself", keys],
      ["a bare array", { jsonData: keys }],
    ]),
  )("that is %s arrives as it was sent", async (_, body) => {
    expect(bytes(body).length).toBeGreaterThan(1_000_000);
    expect(await parseUpload(bytes(body))).toEqual(body);
  });

  it("whose file is a text arrives opened, and either may begin with a byte order mark", async () => {
    const file = { type: "speech", keys };
    for (const mark of first(1, ["\uFEFF", ""])) {
      const body = { jsonData: `${mark}${JSON.stringify(file)}` };
      expect(await parseUpload(bytes(`${mark}${JSON.stringify(body)}`))).toEqual({ jsonData: file });
    }
  });

  it("arrives without what no upload has", async () => {
    const row = { key: "k".repeat(2_000_000), region: { deep: [] }, keyname: [1, [2]], tag: 5, more: keys };
    const body = {
      jsonData: { type: null, keys: [row, "x".repeat(999), [1]], options: { a: [1] } },
      more: keys,
    };
    expect(await parseUpload(bytes(body))).toEqual({
      jsonData: {
        type: null,
        keys: [{ key: "k".repeat(300), region: {}, keyname: [], tag: 5 }, "x".repeat(300), []],
        options: { a: [] },
      },
    });
  });

  it.each(
    first<[string, unknown, unknown]>(2, [
      ["a text that is no file", { jsonData: `[${JSON.stringify(keys[0])}]${blanks}x` }, { jsonData: "" }],
      ["rows elsewhere", { keys, jsonData: { keys: "x" } }, { jsonData: { keys: "x" } }],
      ["rows beside no file", { keys, jsonData: null }, { jsonData: null }],
      ["null with blanks", `null${blanks}`, null],
    ]),
  )("that is %s stays as wrong as it is", async (_, body, arrives) => {
    expect(await parseUpload(bytes(body))).toEqual(arrives);
  });

  it.each(
    first(1, [
      ["broken at its end", `{"jsonData":${JSON.stringify(keys)}`],
      ["broken", `{"jsonData":[${"0,".repeat(600_000)}`],
    ]),
  )("that is %s is refused without a word of it", async (_, body) => {
    await expect(parseUpload(bytes(body))).rejects.toMatchObject({
      code: "invalid_request",
      message: "body: must be valid JSON",
    });
  });

  it("that is not UTF-8 is refused", async () => {
    const body = Buffer.concat([bytes(JSON.stringify({ jsonData: keys })), Buffer.from([0xff])]);
    await expect(parseUpload(body)).rejects.toMatchObject({ code: "invalid_request" });
  });

  it.each(
    first(2, [
      ["arrays in each other", `{"jsonData":${"[".repeat(2_000_000)}${"]".repeat(2_000_000)}}`],
      ["objects in a text", JSON.stringify({ jsonData: `[${"{},".repeat(2_000_000)}{}]` })],
      ["objects", `{"jsonData":[${"{},".repeat(2_000_000)}{}]}`],
      ["objects beside the file", `{"x":[${"{},".repeat(2_000_000)}{}],"jsonData":[]}`],
    ]),
  )("of so many %s that they would fill the memory is refused", async (_, body) => {
    await expect(parseUpload(bytes(body))).rejects.toMatchObject({ code: "payload_too_large" });
  });

  it("of more rows than anybody has is refused with the field", async () => {
    const body = `{"jsonData":{"keys":[${"1234567,".repeat(200_000)}0]}}`;
    await expect(parseUpload(bytes(body))).rejects.toMatchObject({
      code: "invalid_request",
      problems: [{ field: "jsonData.keys", message: "must hold at most 200000 keys" }],
    });
  });

  it.each(
    first(1, [
      ["a file", `{"keys":[${"1234567,".repeat(200_000)}0]}`],
      ["an array", `[${"1234567,".repeat(200_000)}0]`],
    ]),
  )("that is %s of more rows than anybody has is refused with its own field", async (_, body) => {
    await expect(parseUpload(bytes(body))).rejects.toMatchObject({
      problems: [{ field: "keys", message: "must hold at most 200000 keys" }],
    });
  });

  it("does not keep the next from being parsed, however it ends", async () => {
    const broken = bytes(`{"jsonData":${blanks}`);
    const good = bytes({ jsonData: keys });
    const outcomes = await Promise.allSettled(
      first(2, [broken, good, broken, good]).map((sent) => parseUpload(sent)),
    );
    const each = ["rejected", "fulfilled", "rejected", "fulfilled"];
    expect(outcomes.map(({ status }) => status)).toEqual(first(2, each));
  });

  it("is not parsed for a caller who is gone when its turn comes", async () => {
    const gone = new AbortController();
    const ahead = parseUpload(bytes({ jsonData: keys }));
    const second = parseUpload(bytes({ jsonData: keys }), { signal: gone.signal });
    gone.abort(new Error("gone"));
    await expect(second).rejects.toThrow("gone");
    expect(await ahead).toEqual({ jsonData: keys });
  });
});

const BROKEN: readonly (readonly [what: string, text: string, message: string])[] = [
  ["no columns", "sekrit-1,eastasia\n", "line 1 has to name the columns: "],
  ["a misspelt column", "key,staus\nsekrit-1,disabled\n", "line 1 has to name the columns: "],
  ["no column of keys", "region,tag\n", "line 1 has to name the columns: "],
  ["a column twice", "key,Key\n", "line 1 names a column twice"],
  ["a field without a column", "key,region\nsekrit-1,a,sekrit-2\n", "line 2 has a field that is in none of"],
  ["an open quote", 'key\n"sekrit-1\n', "a quoted field that begins in line 2 has no end"],
  ["too many fields", `key${",".repeat(50)}\n`, "line 1 has more than 50 fields"],
];

describe.each([
  ["small", ""],
  ["large", "\n".repeat(200_000)],
])("a %s text", (_, padding) => {
  const CSV = { media: "text/csv" } as const;
  const LIST = { media: "text/plain" } as const;
  const parse = (text: string, format: TextFormat) =>
    parseUpload(bytes(`${text}${padding}`), { text: format });
  // A thread reads with the same code: in a short run some of them show that it does.
  const isRead = padding === "" || isLongRun;

  it("of CSV has its columns in any order, in quotes and letter case, behind a byte order mark", async () => {
    const text = '\uFEFFRegion, "keyname",STATUS,key\r\nwestus,"One, ""the first""",enabled,sekrit-1\r\n';
    const row = { key: "sekrit-1", region: "westus", keyname: 'One, "the first"', status: "enabled" };
    expect(await parse(text.replace(' "', '"'), CSV)).toEqual({ keys: [row] });
  });

  it.runIf(isRead)(
    "of CSV says nothing with empty fields, and a region for all where a row has none",
    async () => {
      const text = "key,region,tag,,\n sekrit-1 , ,金,,\nsekrit-2,westus\n,,,,\n,westus,,,\n";
      expect(await parse(text, { ...CSV, region: "eastasia" })).toEqual({
        keys: [
          { key: "sekrit-1", region: "eastasia", tag: "金" },
          { key: "sekrit-2", region: "westus" },
          { region: "westus" },
        ],
      });
      expect(await parse("key\nsekrit-1", CSV)).toEqual({ keys: [{ key: "sekrit-1" }] });
    },
  );

  it("that lists keys has one a line, perhaps with its region, and what is for people", async () => {
    const text = "\uFEFF# mine\r\n\r\nsekrit-1\r\n sekrit-2 , westus \r\n  # theirs\r\nsekrit-3,\r\nx,y,z";
    expect(await parse(text, { ...LIST, region: "eastasia" })).toEqual({
      keys: [
        { key: "sekrit-1", region: "eastasia" },
        { key: "sekrit-2", region: "westus" },
        { key: "sekrit-3", region: "eastasia" },
        { key: "x", region: "y,z" },
      ],
    });
    if (isRead) expect(await parse("sekrit-1", LIST)).toEqual({ keys: [{ key: "sekrit-1" }] });
  });

  it.runIf(isRead)("without a row in it is a file without one", async () => {
    for (const [text, format] of [
      ["key,region", CSV],
      ["# nothing", LIST],
      [" ", LIST],
    ] as const)
      expect(await parse(text, format)).toEqual({ keys: [] });
  });

  it.each(isRead ? BROKEN : BROKEN.slice(0, 1))(
    "of CSV with %s is refused with the line, and without a word of it",
    async (_, text, message) => {
      const error = await parse(text, CSV).catch((fault: unknown) => fault);
      expect(error).toMatchObject({ code: "invalid_request", problems: [{ field: "body" }] });
      expect(String(error)).toContain(`body: must be valid CSV: ${message}`);
      expect(String(error)).not.toContain("sekrit");
    },
  );

  it.each(isRead ? [CSV, LIST] : [CSV])("that is not UTF-8 is refused as $media", async (format) => {
    const sent = Buffer.concat([
      Buffer.from("key\nsekrit-1,\xD6\xF7"),
      Buffer.from([0xd6]),
      Buffer.from(padding),
    ]);
    await expect(parseUpload(sent, { text: format })).rejects.toMatchObject({
      message: "body: must be UTF-8",
    });
  });
});

describe("a large text", () => {
  it("arrives whole and in order, its fields cut", async () => {
    const lines = Array.from({ length: 30_000 }, (_, n) => `${secretOf(n)},eastasia`);
    const text = `key,region,keyname\n${lines.join("\n")}\nlast,westus,${"x".repeat(999)}`;
    const { keys: arrived } = (await parseUpload(bytes(text), { text: { media: "text/csv" } })) as {
      keys: object[];
    };
    expect(arrived).toHaveLength(30_001);
    expect(arrived[29_999]).toEqual({ key: secretOf(29_999), region: "eastasia" });
    expect(arrived[30_000]).toEqual({ key: "last", region: "westus", keyname: "x".repeat(300) });
  });

  it.each(
    first(1, [
      ["text/csv", `key\n${"sekrit\n".repeat(200_001)}`],
      ["text/plain", "sekrit\n".repeat(200_001)],
    ] as const),
  )("of more rows than anybody has is refused as %s, with the field", async (media, text) => {
    await expect(parseUpload(bytes(text), { text: { media } })).rejects.toMatchObject({
      code: "invalid_request",
      problems: [{ field: "keys", message: "must hold at most 200000 keys" }],
    });
  });

  it("that is commas alone fills no memory", async () => {
    const text = `key\n${",".repeat(rounds(2_000_000, 31_000_000))}`;
    await expect(parseUpload(bytes(text), { text: { media: "text/csv" } })).rejects.toMatchObject({
      message: "body: must be valid CSV: line 2 has more than 50 fields",
    });
  });
});
