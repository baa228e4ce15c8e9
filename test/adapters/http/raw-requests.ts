import type { Server } from "node:http";
import fc from "fast-check";
import { expect } from "vitest";
import type { Route } from "../../../src/adapters/http/index.ts";
import { expectDocumented } from "./documented.ts";
import { secretOf } from "./open-api.ts";
import { rawCaller } from "./raw-caller.ts";

const secret = fc.integer({ min: 1, max: 9 }).map(secretOf);
const region = fc.constantFrom("eastasia", "global", "westus");
const words = (...each: readonly unknown[]) => fc.constantFrom(...each);

/** What fields of bodies and parameters of queries hold when they are good, by their names. */
const GOOD: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  key: secret,
  region,
  keyname: words("Key 7", "鑰匙", ""),
  tag: words("gold", "silver", ""),
  code: words(200, 429, "500", 401),
  note: words("as ever", null),
  status: words("enabled", "disabled", "cooldown"),
  page: words("1", "2"),
  limit: words("1", "20"),
  config_value: words("30", 45),
  ttl_seconds: words(1, 60),
};

const PARAMETERS: readonly (readonly [path: RegExp, parameter: fc.Arbitrary<string>])[] = [
  [/keys\/:key/, fc.oneof(words("1", "2", "3", "4", "99"), secret) as fc.Arbitrary<string>],
  [/config\/:key/, words("cooldown_seconds", "team.note", "nope") as fc.Arbitrary<string>],
];

const ODD_METHODS = [
  ...["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "CONNECT", "QUERY", "get", "PRI"],
];
const ODD_TARGETS = [
  ...["*", "/api", "/", "/api/nope", "/api/keys/get?region=eastasia&tag=", "/api/keys/get?region=a&region=b"],
  ...["/api/keys/get?=&&?&#", "/api/keys/get#", "/api/keys/get?x=%zz", "/API/keys/get", "/api/keys/"],
  ...["//a@[#", "//a@b/api/keys#", "/\\\\a@[#", "http://[::/api", "http://x/api/keys/get", "http:///"],
  ...["http://localhost/api/keys/get", "x://y?z", "x:1", "/api/keys/%00/enable", "/api/keys/%zz"],
  ...["/api/keys/%2e%2e", "/api/../api/keys", "//api/keys", "/api//keys"],
];
// No offer to upgrade: Node drops what stands behind one in the same packet, as if the offer had been taken.
const ODD_LINES = [
  ...["Host: localhost", "Host: [::", "Host:", "host: y", "Connection: close", "Connection: keep-alive"],
  ...["Connection: upgrade", "Expect: 100-continue", "Expect: more", "Accept: text/html", "Accept: ;;,q"],
  ...["TE: trailers", "Content-Length: 0", "Content-Length: 5", "Content-Length: -1", "Content-Length: 1e3"],
  ...["Trailer: X", "Transfer-Encoding: chunked", "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: x"],
  ...["Content-Type: text/plain", "Content-Type: application/json", "Content-Encoding: gzip"],
  ...["X-Request-Id: a b", " folded", "bad name: x", ": x", "X-Forwarded-For: 1.2.3.4", "Cookie: a=b"],
  ...["Origin: http://evil.example", "Sec-Fetch-Site: cross-site", `X-Long: ${"x".repeat(9000)}`],
];
const HARMLESS_LINES = ["Accept: */*", "User-Agent: a", "X-Request-Id: mine", "Accept-Encoding: gzip"];
const ODD_VALUES: readonly unknown[] = [
  ...[null, true, "", "x".repeat(300), -1, 1e300, 99, 0.5, [], {}, [null], "__proto__", "\u0000", "\ud800"],
  ...[{ constructor: 1 }, "2026-01-01", secretOf(1), "4".repeat(32)],
];
const ODD_BODIES = [
  "",
  "{",
  "[]",
  "null",
  "{}",
  '"x"',
  "\ufeff{}",
  '{"__proto__":{"key":1}}',
  "[".repeat(5000),
];

interface Parts {
  readonly method: string;
  readonly target: string;
  readonly version: string;
  readonly lines: readonly string[];
  readonly body: string | undefined;
  readonly framing: "length" | "chunks" | "none" | "cut" | "bare line";
}

function toText({ method, target, version, lines, body, framing }: Parts): string {
  const head = [`${method} ${target} ${version}`, ...lines].map((line) => `${line}\r\n`).join("");
  if (framing === "cut") return head;
  if (framing === "bare line") return `${head}\n`;
  if (body === undefined || framing === "none") return `${head}\r\n${body ?? ""}`;
  const typed = `${head}Content-Type: application/json\r\n`;
  const length = Buffer.byteLength(body);
  // One character for each byte, as all is sent.
  const bytes = Buffer.from(body).toString("latin1");
  if (framing === "length") return `${typed}Content-Length: ${length}\r\n\r\n${bytes}`;
  const chunk = length === 0 ? "" : `${length.toString(16)}\r\n${bytes}\r\n`;
  return `${typed}Transfer-Encoding: chunked\r\n\r\n${chunk}0\r\n\r\n`;
}

/** A request that the route takes, if what it is about is there. */
function goodRequest(route: Route, more: readonly string[]): fc.Arbitrary<Parts> {
  const [, parameter = fc.constant(route.keyExample ?? "1")] =
    PARAMETERS.find(([path]) => path.test(route.path)) ?? [];
  const query = fc.subarray(Object.keys(route.query?.shape ?? {}).filter((name) => name in GOOD));
  const asked = query.chain((names) => fc.record(goodOf(names)));
  const { example, method } = route;
  const body = method === "GET" || method === "HEAD" ? fc.constant(undefined) : goodBody(example);
  const framing = words("length", "length", "chunks") as fc.Arbitrary<Parts["framing"]>;
  const harmless = fc.subarray(HARMLESS_LINES, { maxLength: 2 });
  return fc
    .record({ parameter, asked, body, framing, harmless })
    .map(({ parameter, asked, body, framing, harmless }) => {
      const query = new URLSearchParams(asked as Record<string, string>).toString();
      const target = route.path.replace(/:\w+/, encodeURIComponent(parameter)) + (query && `?${query}`);
      const lines = ["Host: localhost", ...more, ...harmless];
      return { method, target, version: "HTTP/1.1", lines, body, framing };
    });
}

function goodOf(names: readonly string[], others: Readonly<Record<string, unknown>> = {}) {
  return Object.fromEntries(names.map((name) => [name, GOOD[name] ?? fc.constant(others[name])]));
}

function goodBody(example: unknown): fc.Arbitrary<string | undefined> {
  if (example === undefined) return words(undefined, "{}") as fc.Arbitrary<string | undefined>;
  const shown = example as Readonly<Record<string, unknown>>;
  return fc.record(goodOf(Object.keys(shown), shown)).map((body) => JSON.stringify(body));
}

type Change = (parts: Parts) => Parts;

/** One part is another than it should be. */
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.constantFrom(...ODD_METHODS).map(
    (method): Change =>
      (parts) => ({ ...parts, method }),
  ),
  fc.constantFrom(...ODD_TARGETS).map(
    (target): Change =>
      (parts) => ({ ...parts, target }),
  ),
  fc.constantFrom(...ODD_LINES).map(
    (line): Change =>
      (parts) => ({ ...parts, lines: [...parts.lines, line] }),
  ),
  fc.constantFrom("HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP", "").map(
    (version): Change =>
      (parts) => ({ ...parts, version }),
  ),
  fc.constantFrom(...ODD_BODIES).map(
    (body): Change =>
      (parts) => ({ ...parts, body }),
  ),
  fc.tuple(fc.nat(9), fc.constantFrom(...ODD_VALUES)).map(
    ([at, value]): Change =>
      (parts) => ({ ...parts, body: withField(parts.body, at, value) }),
  ),
  fc
    .tuple(
      fc.constantFrom("region", "page", "limit", "x", "status"),
      fc.constantFrom("%00", "", "%ff", "-1", "é"),
    )
    .map(
      ([name, value]): Change =>
        (parts) => ({ ...parts, target: `${parts.target}?${name}=${value}` }),
    ),
  fc.constantFrom("none", "cut", "bare line").map(
    (framing): Change =>
      (parts) => ({ ...parts, framing: framing as Parts["framing"] }),
  ),
);

function withField(body: string | undefined, at: number, value: unknown): string {
  const fields = Object.entries(JSON.parse(body?.startsWith("{") && body.endsWith("}") ? body : '{"key":1}'));
  const place = at % fields.length;
  return JSON.stringify(
    Object.fromEntries(fields.map(([name, was], n) => [name, n === place ? value : was])),
  );
}

/** Mostly as it should be, or with one or two parts that are not. */
function someOf<T>(each: fc.Arbitrary<T>): fc.Arbitrary<readonly T[]> {
  return fc.oneof(
    { weight: 5, arbitrary: fc.constant([]) },
    { weight: 3, arbitrary: fc.array(each, { minLength: 1, maxLength: 1 }) },
    { weight: 1, arbitrary: fc.array(each, { minLength: 2, maxLength: 2 }) },
  );
}

/**
 * One request to one of these routes as it would be sent, well-formed or not quite, and these header lines with it.
 * Streams are not asked for, which have no end to wait for.
 */
export function rawRequest(routes: readonly Route[], more: readonly string[] = []): fc.Arbitrary<string> {
  const ending = routes.filter(({ path }) => !/\/(watch|events)$/.test(path));
  return fc
    .tuple(
      fc.constantFrom(...ending).chain((route) => goodRequest(route, more)),
      someOf(change),
    )
    .map(([parts, changes]) => toText(changes.reduce((changed, one) => one(changed), parts)));
}

/** What is done to the bytes: one is changed, added or taken away, or what follows is cut off. */
const mutation = fc.record({
  at: fc.nat(400),
  how: fc.constantFrom("change", "add", "drop", "cut", "repeat"),
  byte: fc.oneof(
    fc.nat(255),
    fc.constantFrom(0, 9, 10, 13, 32, 35, 37, 47, 58, 63, 64, 91, 92, 127, 160, 255),
  ),
});

function mutated(text: string, { at, how, byte }: { at: number; how: string; byte: number }): string {
  const place = at % (text.length + 1);
  const [before, after] = [text.slice(0, place), text.slice(place)];
  const odd = String.fromCharCode(byte);
  if (how === "cut") return before;
  if (how === "drop") return before + after.slice(1);
  if (how === "repeat") return before + after.slice(0, 20) + after;
  return before + odd + (how === "change" ? after.slice(1) : after);
}

/** At most two of them, to be done to any bytes. */
export const mutations = someOf(mutation).map((each) => (text: string) => each.reduce(mutated, text));

/** Ends whatever is unfinished: a header line it is none of, or the rest of a body. Else it is the last request. */
const LAST = "GET /api/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".repeat(400);

/** All that comes back until the server closes; a reset, for what it has not read, may overtake the last of it. */
async function answered(url: string, bytes: string): Promise<string> {
  const { socket, received } = rawCaller(url);
  const closed = new Promise((resolve) => socket.on("close", resolve));
  socket.write(Buffer.from(bytes + LAST, "latin1"));
  await closed;
  return received();
}

const STATUS_LINE = /^HTTP\/1\.1 (\d{3}) [A-Za-z' -]+\r\n/;

const NO_CHUNKS = "0\r\n\r\n";

export interface ReadAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** Sends these bytes and answers all that comes back. Throws at what is no answer. */
export async function answersTo(url: string, bytes: string): Promise<readonly ReadAnswer[]> {
  return readAnswers(await answered(url, bytes));
}

function readAnswers(text: string): readonly ReadAnswer[] {
  const answers: ReadAnswer[] = [];
  // One character for each byte, as lengths are told.
  let left = Buffer.from(text).toString("latin1");
  while (left !== "") {
    const end = left.indexOf("\r\n\r\n");
    const [, status] = STATUS_LINE.exec(left) ?? [];
    if (end < 0 || status === undefined) throw new Error(`No answer: ${left.slice(0, 300)}`);
    const head = left.slice(0, end + 2);
    left = left.slice(end + 4);
    const length = Number(/^content-length: (\d+)\r$/im.exec(head)?.[1] ?? 0);
    // An answer to HEAD says how long the body would be, and Node's own to a request without a host is one empty chunk.
    const hasBody = length > 0 && /^[[{<R]/.test(left);
    const body = left.startsWith(NO_CHUNKS) ? NO_CHUNKS : hasBody ? left.slice(0, length) : "";
    left = left.slice(body.length);
    const fields = head.split("\r\n").slice(1, -1);
    const headers = new Headers(
      fields.map((field): [string, string] => {
        const colon = field.indexOf(":");
        return [field.slice(0, colon), field.slice(colon + 1).trim()];
      }),
    );
    answers.push({ status: Number(status), headers, body: Buffer.from(body, "latin1").toString() });
  }
  return answers;
}

/** A request as the server has understood it, and what it has answered. */
export interface Heard {
  readonly method: string;
  /** Without host and query. */
  readonly path: string;
  readonly status: number;
}

/** Listens to what a server hears from now on; each call answers what is new. */
export function listenTo(server: Server): () => readonly Heard[] {
  let heard: (() => Heard)[] = [];
  server.on("request", (req, res) => {
    heard.push(() => ({
      method: req.method ?? "",
      path: (req.url ?? "").split("?")[0] ?? "",
      status: res.statusCode,
    }));
  });
  return () => {
    const those = heard;
    heard = [];
    return those.map((each) => each());
  };
}

/** What the parser itself refuses, before there is a request to answer. */
const UNPARSED = [100, 400, 408, 413, 417, 431];

/** What says how a pool stands, or what a server is without; any other 5xx is a fault. */
const NO_FAULT = ["all_keys_cooling", "all_keys_busy", "probe_unavailable"];

/** Throws at an answer that is not as documented for the request that it is to, or is a fault. */
export function expectAllDocumented(
  routes: readonly Route[],
  heard: readonly Heard[],
  answers: readonly ReadAnswer[],
): void {
  // They come in the order of the requests.
  const unanswered = [...heard];
  for (const { status, headers, body: text } of answers) {
    if (!headers.has("x-request-id")) {
      expect(UNPARSED).toContain(status);
      expect(["", NO_CHUNKS]).toContain(text);
      continue;
    }
    const asked = unanswered.shift();
    if (asked?.status !== status) throw new Error(`${status} answers no request: ${text.slice(0, 300)}`);
    const isJson = headers.get("content-type")?.startsWith("application/json") && text !== "";
    const json = isJson ? JSON.parse(text) : undefined;
    if (status >= 500) expect(NO_FAULT, text).toContain(json?.code ?? "none");
    expectDocumented(routes, asked.method, asked.path, { status, headers, text, json });
  }
}
