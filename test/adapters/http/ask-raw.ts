import { rawCaller } from "./raw-caller.ts";

export interface RawAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** The failure's `code`; undefined in what is no failure, or has no body. */
  readonly code: string | undefined;
}

/** Sends one request as it is written here, on a connection of its own, and reads the answer to the end; of a stream, its beginning. */
export async function askRaw(
  url: string,
  method: string,
  target: string,
  lines: readonly string[] = [],
  body = "",
): Promise<RawAnswer> {
  const caller = rawCaller(url);
  const hasHost = lines.some((line) => /^host:/i.test(line));
  const sized = body === "" ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
  const head = [...(hasHost ? [] : ["Host: localhost"]), ...lines, ...sized, "Connection: close"];
  caller.socket.write(`${method} ${target} HTTP/1.1\r\n${head.join("\r\n")}\r\n\r\n${body}`);
  caller.socket.on("data", () => {
    // A stream does not end by itself.
    const [head = "", ...body] = caller.received().split("\r\n\r\n");
    if (/^content-type: text\/event-stream/im.test(head) && body.join("") !== "") caller.socket.destroy();
  });
  await caller.closed;
  return readAnswer(caller.received());
}

export function readAnswer(text: string): RawAnswer {
  const [head = "", ...rest] = text.split("\r\n\r\n");
  const [first = "", ...fields] = head.split("\r\n");
  const body = rest.join("\r\n\r\n");
  const headers = fields.map((field): [string, string] => {
    const colon = field.indexOf(":");
    return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()];
  });
  const code = body.startsWith('{"success":false') ? JSON.parse(body).code : undefined;
  return { status: Number(first.split(" ")[1]), headers: new Map(headers), body, code };
}
