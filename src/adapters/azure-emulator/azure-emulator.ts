import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { Clock } from "../../domain/index.ts";
import { callerOf } from "./caller.ts";
import { serveRecognition } from "./recognition.ts";
import { type RequestFilter, RequestLog, type SeenRequest } from "./request-log.ts";
import { answerRest, charactersIn, type RestAnswer, refusalOf } from "./rest.ts";
import { kindOf, type RequestKind } from "./route.ts";
import type { Behaviour, Scenario } from "./scenario.ts";
import { always, type Move, ScenarioBook } from "./scenario-book.ts";
import { SpeechSocket } from "./speech-socket.ts";
import { serveSynthesis } from "./synthesis.ts";

export interface AzureEmulatorOptions {
  /** Decides quota windows and the instants in the log; the system's clock. */
  readonly clock: Clock;
  /** Address to listen on; 127.0.0.1. */
  readonly host: string;
  /** Requests remembered; 10,000. */
  readonly logLimit: number;
  /** Largest REST body, and largest WebSocket message, in bytes; 1 MiB. */
  readonly maxBodyBytes: number;
}

const DEFAULT_OPTIONS: AzureEmulatorOptions = {
  clock: { now: () => Date.now() },
  host: "127.0.0.1",
  logLimit: 10_000,
  maxBodyBytes: 1024 * 1024,
};

const NOWHERE = always({ kind: "refuse", status: 404 });
const TOO_LARGE = always({ kind: "refuse", status: 413 });

/**
 * A local Azure: Speech over WebSocket and REST, and Translator, on one port. Each key meets the scenario
 * set for it; a key without one is refused with 401. All regions are the same.
 */
export class AzureEmulator {
  readonly #options: AzureEmulatorOptions;
  readonly #book: ScenarioBook;
  readonly #log: RequestLog;
  readonly #http = createServer((request, response) => void this.#onRequest(request, response));
  readonly #webSockets: WebSocketServer;
  readonly #connections = new Set<Socket>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #keysOfTokens = new Map<string, string>();

  constructor(options: Partial<AzureEmulatorOptions> = {}) {
    this.#options = { ...DEFAULT_OPTIONS, ...options };
    this.#book = new ScenarioBook(this.#options.clock);
    this.#log = new RequestLog(this.#options.clock, this.#options.logLimit);
    const maxPayload = this.#options.maxBodyBytes;
    this.#webSockets = new WebSocketServer({ noServer: true, maxPayload });
    this.#http.on("connection", (socket: Socket) => {
      this.#connections.add(socket);
      socket.on("close", () => this.#connections.delete(socket));
    });
    this.#http.on("upgrade", (request, socket, head) => this.#onUpgrade(request, socket, head));
  }

  /** Listens, on any free port for 0, and answers the base URL. Rejects when the port is taken. */
  async start(port = 0): Promise<string> {
    this.#http.listen(port, this.#options.host);
    await once(this.#http, "listening");
    return this.url;
  }

  /** The base URL, such as `http://127.0.0.1:40001`. Throws unless started. */
  get url(): string {
    const address = this.#http.address() as AddressInfo | null;
    if (address === null) throw new Error("the emulator has not been started");
    return `http://${this.#options.host}:${address.port}`;
  }

  /** TCP connections that are open now, idle ones included. */
  get openConnections(): number {
    return this.#connections.size;
  }

  /**
   * Decides what requests with this key meet from now on, for one kind of request or for all kinds that have
   * no scenario of their own. Replaces the one before; scripts and quotas start afresh. Throws a RangeError
   * for a scenario that cannot be played.
   */
  setScenario(key: string, scenario: Scenario, kind?: RequestKind): void {
    this.#book.set(key, scenario, kind);
  }

  /** Sets the scenario of keys that have none, each key by itself. Until then they are refused with 401. */
  setDefaultScenario(scenario: Scenario): void {
    this.#book.setFallback(scenario);
  }

  /** What was asked so far, oldest first, keys masked. */
  requests(filter: RequestFilter = {}): readonly SeenRequest[] {
    return this.#log.list(filter);
  }

  clearRequests(): void {
    this.#log.clear();
  }

  /** Ends every connection and stops listening. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    const stopped = new Promise<void>((resolve) => this.#http.close(() => resolve()));
    const ended = [...this.#connections].map((socket) => once(socket.destroy(), "close"));
    await Promise.all([stopped, ...ended]);
  }

  #onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Clients vanish as they like; their sockets' faults are part of the play.
    socket.on("error", () => socket.destroy());
    const { kind, key, entry } = this.#admit(request, "upgrade");
    socket.on("close", () => entry.over());
    const move = kind === "unknown" ? NOWHERE : this.#book.next(key, { kind, characters: 0 });
    socket.on("close", () => move.leave());
    const { behaviour } = move;
    if (behaviour.kind === "refuse") {
      noticeLeaving(socket);
      this.#later(behaviour.delayMs ?? 0, () => {
        entry.answered(behaviour.status);
        socket.end(rawAnswer(refusalOf(kind, behaviour)));
      });
    } else if (behaviour.kind === "drop" && behaviour.when === "handshake") {
      socket.destroy();
    } else if (behaviour.kind === "unanswered") {
      noticeLeaving(socket);
    } else {
      this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        entry.answered(101);
        this.#serve(webSocket, kind, behaviour);
      });
    }
  }

  #serve(webSocket: WebSocket, kind: RequestKind | "unknown", behaviour: Behaviour): void {
    webSocket.on("error", () => webSocket.terminate());
    const socket = new SpeechSocket(webSocket, (delayMs, action) => this.#later(delayMs, action));
    if (behaviour.kind === "drop") webSocket.terminate();
    else if (behaviour.kind === "silent" || socket.closedBy(behaviour, "accepted")) return;
    else if (kind === "recognition") serveRecognition(socket, behaviour);
    else serveSynthesis(socket, behaviour);
  }

  async #onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { kind, key, query, entry } = this.#admit(request, request.method ?? "");
    response.on("close", () => entry.over());
    const send = (answer: RestAnswer, delayMs = 0) =>
      this.#later(delayMs, () => {
        entry.answered(answer.status);
        response.writeHead(answer.status, answer.headers).end(answer.body);
      });
    const body = await readBody(request, this.#options.maxBodyBytes);
    if (body === "gone") return;
    const move = this.#restMove(kind, key, body);
    response.on("close", () => move.leave());
    const { behaviour } = move;
    if (behaviour.kind === "refuse") {
      send(refusalOf(kind, behaviour), behaviour.delayMs);
    } else if (behaviour.kind === "drop" || behaviour.kind === "close") {
      request.socket.destroy();
    } else if (kind !== "unknown" && body !== "too-large" && !NEVER_ANSWERED.has(behaviour.kind)) {
      const token = kind === "token" && key !== null ? this.#issueToken(key) : "";
      const delayMs = behaviour.kind === "works" ? behaviour.delayMs : 0;
      send(answerRest({ kind, query, body }, behaviour, token), delayMs);
    }
  }

  #restMove(kind: RequestKind | "unknown", key: string | null, body: Buffer | "too-large"): Move {
    if (body === "too-large") return TOO_LARGE;
    if (kind === "unknown") return NOWHERE;
    return this.#book.next(key, { kind, characters: kind === "translation" ? charactersIn(body) : 0 });
  }

  #admit(request: IncomingMessage, method: string) {
    const [path = "/", ...rest] = (request.url ?? "/").split("?");
    const query = new URLSearchParams(rest.join("?"));
    const kind: RequestKind | "unknown" = kindOf(method, path) ?? "unknown";
    const caller = callerOf(request, query, (token) => this.#keysOfTokens.get(token));
    const seen = { kind, method: request.method ?? "", path, ...caller };
    return { kind, query, key: caller.key, entry: this.#log.add(seen) };
  }

  #issueToken(key: string): string {
    const token = randomUUID();
    this.#keysOfTokens.set(token, key);
    return token;
  }

  #later(delayMs: number, action: () => void): void {
    if (delayMs <= 0) {
      action();
      return;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, delayMs);
    this.#timers.add(timer);
  }
}

const NEVER_ANSWERED: ReadonlySet<Behaviour["kind"]> = new Set(["unanswered", "silent", "no-turn-end"]);

/** A socket must be read to notice that its client has left. */
function noticeLeaving(socket: Duplex): void {
  socket.on("end", () => socket.destroy());
  socket.resume();
}

async function readBody(request: IncomingMessage, limit: number): Promise<Buffer | "too-large" | "gone"> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
    }
  } catch {
    return "gone";
  }
  return size > limit ? "too-large" : Buffer.concat(chunks);
}

function rawAnswer({ status, headers, body }: RestAnswer): string {
  const lines = Object.entries({
    ...headers,
    "Content-Length": String(Buffer.byteLength(body)),
    Connection: "close",
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Refused"}\r\n${lines.join("")}\r\n${body}`;
}
