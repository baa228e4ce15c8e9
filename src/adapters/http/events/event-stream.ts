import type { ServerResponse } from "node:http";
import type { EventReader } from "../../../application/index.ts";
import type { EndMessage } from "./event-answers.ts";
import {
  type EventFrames,
  endFrame,
  HEARTBEAT,
  type NamedFilter,
  openingFrame,
  resetFrame,
} from "./event-frames.ts";

/** Events of one write. */
const PORTION = 500;

/**
 * One caller's events. Of what the caller does not take, one portion waits here; the rest stays in the memory that all
 * streams share, and who falls out of that is told to start over.
 */
export class EventStream {
  readonly #res: ServerResponse;
  readonly #reader: EventReader;
  readonly #frames: EventFrames;
  readonly #filter: NamedFilter;
  #isFull = false;
  #end: string | undefined;

  constructor(res: ServerResponse, reader: EventReader, frames: EventFrames, filter: NamedFilter) {
    this.#res = res;
    this.#reader = reader;
    this.#frames = frames;
    this.#filter = filter;
    // The caller's end shows in `close` as well.
    res.on("error", () => {});
    res.on("drain", () => {
      this.#isFull = false;
      this.pump();
    });
    this.#write(openingFrame(reader.lastId));
  }

  /** Why it has ended, if the caller did not end it. */
  get end(): string | undefined {
    return this.#end;
  }

  /** Sends what is new, as far as the caller takes it. */
  pump(): void {
    while (!this.#isFull && this.#end === undefined) {
      const reading = this.#reader.read(PORTION);
      if (reading.status === "end") this.close("stopping");
      else if (reading.status === "reset") this.#write(resetFrame(this.#reader.lastId));
      else if (reading.entries.length === 0) return;
      else {
        const piece = this.#frames.piece(this.#filter, reading);
        if (piece.length > 0) this.#write(piece);
      }
    }
  }

  beat(): void {
    if (!this.#isFull && this.#end === undefined) this.#write(HEARTBEAT);
  }

  /** Ends it; at once when the caller does not take what was sent, for nobody is to wait for that. */
  close(reason: EndMessage["data"]["reason"]): void {
    if (this.#end !== undefined) return;
    this.#end = reason;
    if (this.#isFull) this.#res.destroy();
    else this.#res.end(endFrame(reason));
  }

  #write(frames: string | Buffer): void {
    if (this.#res.destroyed || !this.#res.write(frames)) this.#isFull = true;
  }
}
