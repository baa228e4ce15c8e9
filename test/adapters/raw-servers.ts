import { createHash } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";

/** Servers that misbehave below HTTP, where the emulator cannot. */
export class RawServers {
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();

  /** Listens on loopback and answers `host:port`. */
  async serve(onSocket: (socket: Socket) => void): Promise<string> {
    return this.#listen(createServer(onSocket));
  }

  /** Speaks TLS without a certificate, so that every handshake fails. */
  async serveBrokenTls(): Promise<string> {
    const server = createTlsServer({});
    server.on("tlsClientError", (_error, socket) => socket.destroy());
    return this.#listen(server);
  }

  /** A port that nobody listens on. */
  async closedPort(): Promise<string> {
    const server = createServer();
    const host = await this.#listen(server);
    server.close();
    await once(server, "close");
    return host;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    const listening = this.#servers.filter((server) => server.listening);
    await Promise.all(listening.map((server) => once(server.close(), "close")));
  }

  async #listen(server: Server): Promise<string> {
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
      socket.on("error", () => socket.destroy());
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    this.#servers.push(server);
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
}

/** Answers the first request with these bytes and says nothing more. */
export function answering(bytes: (request: string) => string | Buffer): (socket: Socket) => void {
  return (socket) => {
    socket.once("data", (request: Buffer) => socket.write(bytes(request.toString("latin1"))));
    socket.on("data", () => {});
  };
}

/** A correct answer to an upgrade, with bytes of the WebSocket behind it. */
export function accepted(request: string, ...frames: readonly Buffer[]): Buffer {
  const key = /^sec-websocket-key: (.*)$/im.exec(request)?.[1]?.trim() ?? "";
  const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  const head = `${SWITCHING}Sec-WebSocket-Accept: ${accept}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), ...frames]);
}

export const SWITCHING = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";

export function closeFrame(code: number, reason: string): Buffer {
  const payload = Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)]);
  return Buffer.concat([Buffer.from([0x88, payload.length]), payload]);
}
