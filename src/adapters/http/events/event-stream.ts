import type { ServerResponse } from "node:http";
import type { EventReader } from "../../../application/index.ts";
import { MessageStream } from "../server/message-stream.ts";
import { type EventFrames, type NamedFilter, openingFrame, resetFrame } from "./event-frames.ts";

/** Events of one write. */
const PORTION = 500;

/**
 * One caller's events. Of what the caller does not take, one portion waits here; the rest stays in the memory that all
 * streams share, and who falls out of that is told to start over.
 */
export class EventStream {
  readonly messages: MessageStream;
  readonly #reader: EventReader;
  readonly #frames: EventFrames;
  readonly #filter: NamedFilter;

  constructor(res: ServerResponse, reader: EventReader, frames: EventFrames, filter: NamedFilter) {
    this.messages = new MessageStream(res, () => this.pump());
    this.#reader = reader;
    this.#frames = frames;
    this.#filter = filter;
    this.messages.write(openingFrame(reader.lastId));
  }

  /** Sends what is new, as far as the caller takes it. */
  pump(): void {
    while (this.messages.hasRoom) {
      const reading = this.#reader.read(PORTION);
      if (reading.status === "end") this.messages.close("stopping");
      else if (reading.status === "reset") this.messages.write(resetFrame(this.#reader.lastId));
      else if (reading.entries.length === 0) return;
      else {
        const piece = this.#frames.piece(this.#filter, reading);
        if (piece.length > 0) this.messages.write(piece);
      }
    }
  }
}
