import fc from "fast-check";
import { secretOf } from "./open-api.ts";
import { rawCaller } from "./raw-caller.ts";

const report = JSON.stringify({ key: secretOf(1), code: 200 });
const chunked = `${report.length.toString(16)}\r\n${report}\r\n0\r\n\r\n`;
const withBody = `Content-Type: application/json\r\nContent-Length: ${report.length}\r\n\r\n${report}`;

const method = fc.constantFrom(
  ...["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "CONNECT", "QUERY", "get", "PRI"],
);
const target = fc.constantFrom(
  ...[
    "/api/keys/get",
    "/api/keys",
    "/api/keys/status",
    "/api/keys/logs?limit=2",
    "/api/keys/1",
    "/api",
    "/",
    "*",
  ],
  ...[
    "/api/keys/1/enable",
    "/api/config",
    "/api/config/batch",
    "/api/health",
    "/api/docs",
    "/api/openapi.json",
  ],
  ...[
    "/api/keys/get?region=eastasia&tag=",
    "/api/keys/get?region=a&region=b",
    "/api/keys/get?=&&?&#",
    "/api/keys/get#",
  ],
  ...[
    "//a@[#",
    "//a@b/api/keys#",
    "/\\\\a@[#",
    "http://[::/api",
    "http://x/api/keys/get",
    "http:///",
    "x://y?z",
    "x:1",
  ],
  ...[
    "/api/keys/%00/enable",
    "/api/keys/%zz",
    "/api/keys/%2e%2e",
    "/api/../api/keys",
    "//api/keys",
    "/api//keys",
  ],
);
// No offer to upgrade: Node drops what stands behind one in the same packet, as if the offer had been taken.
const headers = fc.constantFrom(
  ...[
    "Host: localhost",
    "Host: [::",
    "Host:",
    "host: y",
    "Connection: close",
    "Connection: keep-alive",
    "Connection: upgrade",
  ],
  ...["Expect: 100-continue", "Expect: more", "Accept: text/html", "Accept: ;;,q", "TE: trailers"],
  ...["Content-Length: 0", "Content-Length: 5", "Content-Length: -1", "Content-Length: 1e3", "Trailer: X"],
  ...[
    "Transfer-Encoding: chunked",
    "Transfer-Encoding: gzip, chunked",
    "Transfer-Encoding: x",
    "Content-Type: text/plain",
  ],
  ...[
    "Content-Type: application/json",
    "Content-Encoding: gzip",
    "X-Request-Id: a b",
    " folded",
    "bad name: x",
    ": x",
  ],
  ...["X-Forwarded-For: 1.2.3.4", "Cookie: a=b", `X-Long: ${"x".repeat(9000)}`],
);
const version = fc.constantFrom(
  "HTTP/1.1",
  "HTTP/1.1",
  "HTTP/1.1",
  "HTTP/1.0",
  "HTTP/0.9",
  "HTTP/2.0",
  "HTTP",
  "",
);
const rest = fc.constantFrom(
  "\r\n",
  withBody,
  `Transfer-Encoding: chunked\r\n\r\n${chunked}`,
  "\r\n{}",
  "\n",
  "",
);
/** One request as it would be sent, well-formed or not quite, and these header lines with it. */
export function rawRequest(more: readonly string[] = []): fc.Arbitrary<string> {
  return fc
    .tuple(method, target, version, fc.array(headers, { maxLength: 4 }), rest)
    .map(([verb, where, spoken, sent, end]) =>
      [`${verb} ${where} ${spoken}`, "Host: localhost", ...more, ...sent]
        .map((line) => `${line}\r\n`)
        .join("")
        .concat(end),
    );
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
export const mutations = fc
  .array(mutation, { maxLength: 2 })
  .map((each) => (text: string) => each.reduce(mutated, text));

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
  readonly body: string;
}

/** Sends these bytes and answers all that comes back. Throws at what is no answer. */
export async function answersTo(url: string, bytes: string): Promise<readonly ReadAnswer[]> {
  return readAnswers(await answered(url, bytes));
}

function readAnswers(text: string): readonly ReadAnswer[] {
  const answers: { status: number; body: string }[] = [];
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
    const hasBody = length > 0 && /^[{<R]/.test(left);
    const body = left.startsWith(NO_CHUNKS) ? NO_CHUNKS : hasBody ? left.slice(0, length) : "";
    left = left.slice(body.length);
    answers.push({ status: Number(status), body: Buffer.from(body, "latin1").toString() });
  }
  return answers;
}
