/** A message of the Speech WebSocket protocol: headers, then a JSON, SSML or audio body. */
export interface SpeechMessage {
  readonly path: string;
  readonly requestId: string;
  readonly body: Buffer;
}

/** Undefined for what is no such message. */
export function decode(data: Buffer, isBinary: boolean): SpeechMessage | undefined {
  // Text separates the headers with an empty line, binary says their length in two bytes.
  const start = isBinary ? 2 : 0;
  if (isBinary && data.length < start) return undefined;
  const end = isBinary ? start + data.readUInt16BE(0) : data.indexOf("\r\n\r\n");
  if (end < 0 || end > data.length) return undefined;
  const headers = parseHeaders(data.toString("latin1", start, end));
  const path = headers.get("path");
  const requestId = headers.get("x-requestid");
  if (path === undefined || requestId === undefined) return undefined;
  return { path: path.toLowerCase(), requestId, body: data.subarray(isBinary ? end : end + 4) };
}

function parseHeaders(text: string): ReadonlyMap<string, string> {
  const lines = text.split("\r\n").filter((line) => line.includes(":"));
  return new Map(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
}

/** The body stays on one line: clients cut a text message at the second empty line. */
export function encodeText(path: string, requestId: string, body: unknown): string {
  const headers = headersOf({
    Path: path,
    "X-RequestId": requestId,
    "Content-Type": "application/json; charset=utf-8",
  });
  return `${headers}\r\n${JSON.stringify(body)}`;
}

export function encodeAudio(requestId: string, streamId: string, audio: Buffer): Buffer {
  const headers = Buffer.from(
    headersOf({ Path: "audio", "X-RequestId": requestId, "X-StreamId": streamId }),
    "latin1",
  );
  const length = Buffer.alloc(2);
  length.writeUInt16BE(headers.length);
  return Buffer.concat([length, headers, audio]);
}

function headersOf(headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("");
}
