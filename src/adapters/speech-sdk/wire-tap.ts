import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe } from "node:diagnostics_channel";
import type { ClientRequest, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { parseRetryAfter } from "../../domain/index.ts";
import { type CloseFrame, CloseFrameFinder } from "./close-frame.ts";

/** What was seen of a connection so far. A field is absent when that was not seen. */
export interface WireFacts {
  /** The status of the HTTP answer; 101 when the upgrade was accepted. */
  readonly httpStatus?: number;
  /** See `parseRetryAfter`. */
  readonly retryAfterSeconds?: number;
  /** The `code` of the error that Node raised, or the error's name. */
  readonly errorCode?: string;
  /** How the WebSocket was closed; code 1006 when no close frame came. */
  readonly close?: CloseFrame;
}

const tapped = new AsyncLocalStorage<WireTap>();
let subscribed = false;

/**
 * Watches the one HTTP upgrade that a probe makes, beneath the SDK: the SDK shows neither the status nor
 * `Retry-After`, goes to redirects with the key in a header, reconnects by itself and cannot be aborted.
 */
export class WireTap {
  #request: ClientRequest | undefined;
  #socket: Socket | undefined;
  #over = false;
  #facts: WireFacts = {};
  #onHangUp: () => void = () => {};

  /** Resolves when the service closes, or loses, the connection that it had accepted. */
  readonly hungUp = new Promise<void>((resolve) => {
    this.#onHangUp = resolve;
  });

  /** Runs an action; the HTTP request that it makes, now or later, is watched, and any further one is refused. */
  run<T>(action: () => T): T {
    if (!subscribed) {
      subscribe("http.client.request.start", (message) => {
        tapped.getStore()?.watch((message as { request: ClientRequest }).request);
      });
      subscribed = true;
    }
    return tapped.run(this, action);
  }

  /** What was seen so far. */
  get facts(): WireFacts {
    return this.#facts;
  }

  /** Destroys what is open, and what is opened from now on. */
  cut(): void {
    this.#over = true;
    this.#request?.destroy(new Error("the probe is over"));
    this.#socket?.destroy();
  }

  watch(request: ClientRequest): void {
    if (this.#over || this.#request) {
      request.destroy(new Error("a probe makes one connection"));
      return;
    }
    this.#request = request;
    request.on("error", (error: NodeJS.ErrnoException) => this.#see({ errorCode: error.code ?? error.name }));
    // Before the client's own listener, which would go to the Location and send the key there.
    request.prependListener("response", (response: IncomingMessage) => {
      this.#see(answerOf(response));
      delete response.headers.location;
    });
    // After the client's own listener, which must be the first to read from the socket.
    request.on("upgrade", (_response: IncomingMessage, socket: Socket) => {
      this.#see({ httpStatus: 101 });
      this.#listen(socket);
    });
  }

  #listen(socket: Socket): void {
    this.#socket = socket;
    const finder = new CloseFrameFinder();
    socket.on("data", (chunk: Buffer) => {
      const close = this.#facts.close ? undefined : finder.push(chunk);
      if (!close) return;
      this.#see({ close });
      this.#onHangUp();
    });
    socket.once("close", () => {
      this.#see({ close: this.#facts.close ?? { code: 1006, reason: "" } });
      this.#onHangUp();
    });
  }

  #see(facts: WireFacts): void {
    if (!this.#over) this.#facts = { ...this.#facts, ...facts };
  }
}

function answerOf({ statusCode = 0, headers }: IncomingMessage): WireFacts {
  const retryAfterSeconds = parseRetryAfter(headers["retry-after"], Date.now());
  return { httpStatus: statusCode, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) };
}
