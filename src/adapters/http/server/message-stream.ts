import type { ServerResponse } from "node:http";
import type { StreamEnd } from "./stream-end.ts";

/** A comment: readers pass over it, and what is between knows that the connection is in use. */
const HEARTBEAT = ":\n\n";
/** The same as a chunk of HTTP/1.1. */
const HEARTBEAT_CHUNK = Buffer.from("3\r\n:\n\n\r\n");

/**
 * One caller's server-sent messages. Of what he does not take, one write waits here: whoever writes looks first whether
 * there is room, and is called when there is again.
 */
export class MessageStream {
  readonly #res: ServerResponse;
  #isFull = false;
  #end: StreamEnd | undefined;

  constructor(res: ServerResponse, onRoom: () => void) {
    this.#res = res;
    // The caller's end shows in `close` as well.
    res.on("error", () => {});
    res.on("drain", () => {
      this.#isFull = false;
      onRoom();
    });
  }

  /** Why it has ended, if the caller did not end it. */
  get end(): StreamEnd | undefined {
    return this.#end;
  }

  /** Whether more may be written. */
  get hasRoom(): boolean {
    return !this.#isFull && this.#end === undefined;
  }

  write(frames: string | Buffer): void {
    if (this.#res.destroyed || !this.#res.write(frames)) this.#isFull = true;
  }

  /** Past the response, which writes a chunk in four pieces and takes twice as long: beats are all that many streams ever get. */
  beat(): void {
    if (!this.hasRoom) return;
    const { socket, chunkedEncoding, destroyed } = this.#res;
    if (socket === null || !chunkedEncoding || destroyed) this.write(HEARTBEAT);
    else if (!socket.writableNeedDrain) socket.write(HEARTBEAT_CHUNK);
  }

  /** Ends it; at once when the caller does not take what was sent, for nobody is to wait for that. */
  close(reason: StreamEnd): void {
    if (this.#end !== undefined) return;
    this.#end = reason;
    if (this.#isFull) this.#res.destroy();
    else this.#res.end(`event: end\ndata: ${JSON.stringify({ reason })}\n\n`);
  }
}
