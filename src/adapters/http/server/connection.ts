import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { STATUS_CODES } from "./node-http.ts";
import { mayBeSlow } from "./slow-bodies.ts";
import { SmallReads } from "./small-reads.ts";
import { StartsInTurn } from "./turns.ts";

const MOST_AT_A_TIME = 32;
const MOST_IN_A_TURN = 4;

interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
}

/** A body that was unfinished at the instant `since`, by `performance.now()`. */
interface Unfinished {
  readonly exchange: Exchange;
  readonly since: number;
}

/**
 * The requests of one connection. So many are answered at a time, and so few are begun in one turn of the event loop
 * that other connections get theirs; when a caller sends more before it has its answers, the others wait and no more
 * are read from the socket. What cannot be parsed is answered after the requests ahead of it, each of which gets its
 * own answer.
 */
export class Connection {
  readonly #socket: Socket;
  readonly #reads: SmallReads;
  readonly #answer: RequestListener;
  readonly #ended = (): void => {
    this.#running -= 1;
    this.#goOn();
  };
  readonly #goOnInTurn = (): void => {
    this.#awaitsTurn = false;
    this.#goOn();
  };
  readonly #starts = new StartsInTurn(MOST_IN_A_TURN);
  #waiting: Exchange[] = [];
  #running = 0;
  #awaitsTurn = false;
  #last: Exchange | undefined;
  #refusal: string | undefined;
  #unfinished: Unfinished | undefined;

  constructor(socket: Socket, answer: RequestListener) {
    this.#socket = socket;
    this.#reads = new SmallReads(socket);
    this.#answer = answer;
  }

  /** Whether the caller waits for us, not we for the caller. */
  get isHeldUp(): boolean {
    return this.#reads.isHeld;
  }

  get isIdle(): boolean {
    return this.#running === 0 && this.#waiting.length === 0;
  }

  take(req: IncomingMessage, res: ServerResponse): void {
    const exchange = { req, res };
    this.#last = exchange;
    if (this.#waiting.length === 0 && this.#running < MOST_AT_A_TIME && this.#starts.take()) {
      this.#begin(exchange);
    } else {
      this.#waiting.push(exchange);
      this.#reads.hold();
      this.#goOn();
    }
  }

  /** Closes the connection, for nothing that follows can be understood. */
  refuse(error: Error): void {
    if (this.#refusal !== undefined) return;
    this.#refusal = refusalOf(error);
    this.#reads.hold();
    if (this.#last && !this.#last.req.complete) this.#dropUnfinished(this.#last);
    this.#refuseWhenDone();
  }

  /**
   * Refuses the request whose body has been coming for so long, counted from the first of these calls that finds it
   * so: looking now and then costs an answer nothing, where a timer for each would.
   */
  refuseSlowBody(now: number, withinMs: number): void {
    const last = this.#last;
    if (!last || last.req.complete || this.isHeldUp || mayBeSlow(last.req)) {
      this.#unfinished = undefined;
    } else if (this.#unfinished?.exchange !== last) {
      this.#unfinished = { exchange: last, since: now };
    } else if (now - this.#unfinished.since >= withinMs) {
      this.refuse(Object.assign(new Error("The body took too long"), { code: "ERR_HTTP_REQUEST_TIMEOUT" }));
    }
  }

  #begin({ req, res }: Exchange): void {
    this.#running += 1;
    res.on("close", this.#ended);
    this.#answer(req, res);
  }

  #goOn(): void {
    if (this.#socket.destroyed) {
      this.#waiting = [];
      return;
    }
    while (this.#running < MOST_AT_A_TIME && this.#waiting.length > 0) {
      if (!this.#starts.take()) {
        this.#awaitTurn();
        return;
      }
      this.#begin(this.#waiting.shift() as Exchange);
    }
    if (this.#refusal !== undefined) this.#refuseWhenDone();
    else if (this.#reads.isHeld && this.#waiting.length === 0) this.#reads.goOn();
  }

  #awaitTurn(): void {
    if (this.#awaitsTurn) return;
    this.#awaitsTurn = true;
    setImmediate(this.#goOnInTurn);
  }

  /** The request whose body broke off is not answered: what it said is not known. It may have been answered before. */
  #dropUnfinished(exchange: Exchange): void {
    if (this.#waiting.at(-1) === exchange) {
      this.#waiting.pop();
    } else if (!exchange.res.closed) {
      exchange.res.off("close", this.#ended);
      this.#running -= 1;
    }
  }

  #refuseWhenDone(): void {
    if (!this.isIdle) return;
    const hasBegun = this.#last?.req.complete === false && this.#last.res.headersSent;
    if (this.#socket.writable && !hasBegun && this.#refusal) this.#socket.end(this.#refusal);
    this.#socket.destroySoon();
  }
}

/** What is sent where there is no request to answer. */
export function refusalOf(error: Error): string {
  const status = STATUS_OF_FAULT[(error as NodeJS.ErrnoException).code ?? ""] ?? 400;
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n\r\n`;
}

const STATUS_OF_FAULT: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};
