import { once } from "node:events";
import type { RequestListener, Server } from "node:http";
import { createServer as createTlsServer, Server as TlsServer } from "node:https";
import { type AddressInfo, Server as NetServer, type Socket } from "node:net";
import { type CertificateFiles, readCertificate, watchCertificate } from "./certificate.ts";
import { closesWith } from "./closing.ts";
import { Connection, refusalOf } from "./connection.ts";
import { createServer } from "./node-http.ts";

export interface ListenOptions {
  /** Default: 127.0.0.1. */
  readonly host?: string;
  /** Default: 0, any free port. */
  readonly port?: number;
  /** How long `close` lets running requests finish, in milliseconds. Default: 5 000. */
  readonly closeWithinMs?: number;
  /** How long a caller may leave what it is sent unread before it is cut off, in milliseconds. Default: 30 000. */
  readonly unreadWithinMs?: number;
  /** How long a caller may take for a body, but for an upload's, in milliseconds. Default: 10 000. */
  readonly bodyWithinMs?: number;
  /** Connections at a time; more are closed at once. Default: 10 000. */
  readonly mostConnections?: number;
  /** Serves TLS with this certificate, and with what replaces it in its files. Default: no TLS. */
  readonly tls?: CertificateFiles & {
    /** How often the files are looked at, in milliseconds. Default: 5 000. */
    readonly lookEveryMs?: number;
    /** Called when what is in the files has come into force, or cannot, and why. */
    readonly onRenewal?: (fault?: unknown) => void;
  };
}

export interface HttpServer {
  readonly url: string;
  /** For what needs more than answers to requests, such as upgrades. */
  readonly server: Server;
  /** Ends streams, stops accepting, drops idle connections, lets running requests finish, and cuts what is left. */
  close(): Promise<void>;
}

const SERVER_OPTIONS = {
  headersTimeout: 10_000,
  // Of the slowest upload.
  requestTimeout: 120_000,
  connectionsCheckingInterval: 5_000,
  // Longer than the idle time of the usual proxies, so that none of them reuses a connection we just closed.
  keepAliveTimeout: 65_000,
  // A request that announces no body is no stream to be opened and ended; nobody reads one (`read-body.ts`).
  optimizeEmptyRequests: true,
};

/** Turns of the event loop in which what has arrived is read: the one that is running, and a whole one. */
const TURNS_TO_READ = 2;

/**
 * Serves an app, such as `createHttpApp` makes. Of one connection, 32 requests are answered at a time and the others
 * wait unread; it is cut off when it sends or reads too slowly. Rejects when the address cannot be had.
 */
export async function listen(
  app: { callback(): RequestListener },
  options: ListenOptions = {},
): Promise<HttpServer> {
  const { host = "127.0.0.1", port = 0, closeWithinMs = 5_000, mostConnections = 10_000 } = options;
  const { unreadWithinMs = 30_000, bodyWithinMs = 10_000 } = options;
  const { server, stopWatching } = await makeServer(options.tls);
  server.maxConnections = mostConnections;
  const connections = new Map<Socket, Connection>();
  const beginsToClose = new AbortController();
  serve(server, app.callback(), connections, beginsToClose.signal);
  const watches = [
    cutUnread(server, connections, unreadWithinMs),
    refuseSlowBodies(connections, bodyWithinMs),
  ];
  server.listen(port, host);
  await once(server, "listening");
  const bound = server.address() as AddressInfo;
  const name = host.includes(":") ? `[${host}]` : host;

  const close = async () => {
    const closed = once(server, "close");
    beginsToClose.abort();
    // At first only nobody is let in any more: a connection that looks idle may have brought a request by now.
    NetServer.prototype.close.call(server);
    for (let turn = 0; turn < TURNS_TO_READ; turn++) await new Promise(setImmediate);
    server.close();
    // A connection whose request ends later goes idle only then.
    const sweep = setInterval(() => server.closeIdleConnections(), 20);
    const cut = setTimeout(() => server.closeAllConnections(), closeWithinMs);
    await closed;
    stopWatching();
    for (const watch of watches) clearInterval(watch);
    clearInterval(sweep);
    clearTimeout(cut);
  };
  let closing: Promise<void> | undefined;
  return {
    url: `${options.tls ? "https" : "http"}://${name}:${bound.port}`,
    server,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

interface Made {
  readonly server: Server | TlsServer;
  readonly stopWatching: () => void;
}

async function makeServer(tls: ListenOptions["tls"]): Promise<Made> {
  if (tls === undefined) return { server: createServer(SERVER_OPTIONS), stopWatching: () => {} };
  const { lookEveryMs: everyMs = 5_000, onRenewal } = tls;
  const certificate = await readCertificate(tls);
  const server = createTlsServer({ ...SERVER_OPTIONS, ...certificate, minVersion: "TLSv1.2" });
  // A caller that breaks off its handshake is nobody's fault.
  server.on("tlsClientError", (_, socket) => socket.destroy());
  const stopWatching = watchCertificate(tls, certificate, {
    everyMs,
    onChange: (found) => {
      server.setSecureContext({ ...found, minVersion: "TLSv1.2" });
      onRenewal?.();
    },
    onFault: (fault) => onRenewal?.(fault),
  });
  return { server, stopWatching };
}

function serve(
  server: Server,
  answer: RequestListener,
  connections: Map<Socket, Connection>,
  closing: AbortSignal,
): void {
  server.on(server instanceof TlsServer ? "secureConnection" : "connection", (socket: Socket) => {
    connections.set(socket, new Connection(socket, answer));
    closesWith(socket, closing);
    socket.once("close", () => connections.delete(socket));
    // Each request of a pipeline listens for the end of its socket.
    socket.setMaxListeners(0);
  });
  server.on("request", (req, res) => connections.get(req.socket)?.take(req, res));
  // Without it Node drops the connection, and with it the answers to the requests ahead.
  server.on("connect", (_req, duplex) => {
    const socket = duplex as Socket;
    socket.on("error", () => socket.destroy());
    const connection = connections.get(socket);
    const refused = new Error("This is no proxy");
    if (connection) connection.refuse(refused);
    else {
      socket.end(refusalOf(refused));
      // What follows is not read, so that its end would not be heard.
      socket.destroySoon();
    }
  });
  server.on("clientError", (error: NodeJS.ErrnoException, duplex) => {
    const socket = duplex as Socket;
    const connection = connections.get(socket);
    // What this caller sends takes long only because it is not read.
    if (error.code === "ERR_HTTP_REQUEST_TIMEOUT" && connection?.isHeldUp) return;
    if (connection && !socket.destroyed) return connection.refuse(error);
    if (socket.writable) socket.write(refusalOf(error));
    socket.destroy(error);
  });
}

/**
 * Cuts off callers that do not read: each keeps its unsent answers in memory. Looking at all of them now and then costs
 * an answer nothing, where a timer for each would.
 */
function cutUnread(
  server: Server,
  connections: ReadonlyMap<Socket, Connection>,
  withinMs: number,
): NodeJS.Timeout {
  // Node's own timer for a socket knows whether anything of a long write has been taken. It is the timer of idle
  // connections too, and those it would end by itself were nobody listening.
  server.on("timeout", (socket) => {
    if (socket.writableLength > 0 || connections.get(socket)?.isIdle !== false) socket.destroy();
  });
  const watch = setInterval(() => {
    for (const socket of connections.keys()) {
      if (socket.writableLength > 0 && socket.timeout !== withinMs) socket.setTimeout(withinMs);
    }
  }, withinMs / 2);
  return watch.unref();
}

function refuseSlowBodies(connections: ReadonlyMap<Socket, Connection>, withinMs: number): NodeJS.Timeout {
  const watch = setInterval(() => {
    const now = performance.now();
    for (const connection of connections.values()) connection.refuseSlowBody(now, withinMs);
  }, withinMs / 2);
  return watch.unref();
}
