import type { ServerResponse } from "node:http";
import type { StreamEnd } from "./stream-end.ts";

/** A comment: readers pass over it, and what is between knows that the connection is in use. */
const HEARTBEAT = ":\n\n";

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

  beat(): void {
    if (this.hasRoom) this.write(HEARTBEAT);
  }

  /** Ends it; at once when the caller does not take what was sent, for nobody is to wait for that. */
  close(reason: StreamEnd): void {
    if (this.#end !== undefined) return;
    this.#end = reason;
    if (this.#isFull) this.#res.destroy();
    else this.#res.end(`event: end\ndata: ${JSON.stringify({ reason })}\n\n`);
  }
}
