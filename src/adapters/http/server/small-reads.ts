import type { Duplex } from "node:stream";
import { InTurn } from "./turns.ts";

/** Room for an ordinary request, and for not so many of the smallest. */
const PIECE_BYTES = 1024;

/** To end a connection costs as much as to answer a request, and thousands may be hung up at once. */
const ends = new InTurn(8);

/**
 * Gives Node's parser in small pieces what a connection brings, and nothing while it is held. Node reads 64 kB at a
 * time and parses them before anything else may run: a thousand requests of a pipeline, for 10 ms and more. Pausing
 * the socket is not enough, for Node resumes it at the end of each request.
 */
export class SmallReads {
  readonly #socket: Duplex;
  readonly #push: Duplex["push"];
  /** What has been read and not been parsed; null is the end. */
  readonly #kept: (Buffer | null)[] = [];
  /** How much of the first has been parsed. */
  #passedBytes = 0;
  #isHeld = false;
  #isPassing = false;

  constructor(socket: Duplex) {
    this.#socket = socket;
    this.#push = socket.push.bind(socket);
    // While nobody else listens, the parser reads past the stream.
    socket.on("data", passOver);
    socket.off("data", passOver);
    socket.push = (chunk: Buffer | null) => this.#take(chunk);
    // Node pauses it, too, while too much is unsent.
    socket.on("resume", () => this.#pass());
    socket.once("close", () => {
      for (const chunk of this.#kept.splice(0)) free(chunk);
    });
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  hold(): void {
    this.#isHeld = true;
  }

  goOn(): void {
    this.#isHeld = false;
    this.#pass();
  }

  /** Whether more is wanted now. */
  #take(chunk: Buffer | null): boolean {
    const isSmall = chunk !== null && chunk.length <= PIECE_BYTES;
    if (isSmall && this.#kept.length === 0 && !this.#isHeld) return this.#push(chunk);
    if (chunk === null) ends.run(() => this.#keep(null));
    else this.#keep(chunk);
    return this.#kept.length === 0;
  }

  #keep(chunk: Buffer | null): void {
    if (this.#socket.destroyed) {
      free(chunk);
      return;
    }
    this.#kept.push(chunk);
    this.#pass();
  }

  #pass(): void {
    if (this.#isPassing) return;
    this.#isPassing = true;
    while (this.#kept.length > 0 && !this.#isHeld && this.#socket.readableFlowing !== false) {
      this.#push(this.#next());
    }
    this.#isPassing = false;
  }

  #next(): Buffer | null {
    const [first = null] = this.#kept;
    if (first === null || first.length <= PIECE_BYTES) {
      this.#kept.shift();
      return first;
    }
    // Copied, so that nobody but this has the whole of it.
    const piece = Buffer.from(first.subarray(this.#passedBytes, this.#passedBytes + PIECE_BYTES));
    this.#passedBytes += PIECE_BYTES;
    if (this.#passedBytes >= first.length) {
      this.#kept.shift();
      this.#passedBytes = 0;
      free(first);
    }
    return piece;
  }
}

/**
 * Gives its memory back now: V8 counts what its buffers hold, and collects the whole heap, for 20 ms, whenever some
 * dozens of 64 kB wait to be found unused.
 */
function free(chunk: Buffer | null): void {
  if (chunk !== null && chunk.length > PIECE_BYTES && chunk.length === chunk.buffer.byteLength) {
    (chunk.buffer as ArrayBuffer).transfer(0);
  }
}

function passOver(): void {}
