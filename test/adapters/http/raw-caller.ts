import { connect, type Socket } from "node:net";

export { until } from "../../../src/testing/until.ts";

/** A caller that writes bytes as they are. */
export interface RawCaller {
  readonly socket: Socket;
  /** What has come back so far. */
  received(): string;
  /** The statuses that have come back so far. */
  statuses(): number[];
  readonly closed: Promise<unknown>;
}

export function rawCaller(url: string): RawCaller {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  let text = "";
  socket.setEncoding("utf8").on("data", (more) => {
    text += more;
  });
  socket.on("error", () => {});
  const received = () => text;
  return {
    socket,
    received,
    statuses: () => Array.from(received().matchAll(/HTTP\/1\.1 (\d+)/g), ([, status]) => Number(status)),
    // Not by `once`, which would reject at a reset.
    closed: new Promise((resolve) => socket.on("close", resolve)),
  };
}

export function requestText(method: string, path: string, body?: object): string {
  const head = `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n`;
  if (!body) return `${head}\r\n`;
  const text = JSON.stringify(body);
  return `${head}Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
}
