import type { Duplex } from "node:stream";

/** Room for an ordinary request, and for not so many of the smallest. */
const PIECE_BYTES = 1024;

/**
 * Gives Node's parser in small pieces what a connection brings, and nothing while it is held. Node reads 64 kB at a
 * time and parses them before anything else may run: a thousand requests of a pipeline, for 10 ms and more. Pausing
 * the socket is not enough, for Node resumes it at the end of each request.
 */
export class SmallReads {
  readonly #socket: Duplex;
  readonly #push: Duplex["push"];
  /** What has been read and not been parsed; null is the end. */
  #kept: (Buffer | null)[] = [];
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
    const isSmall = chunk === null || chunk.length <= PIECE_BYTES;
    if (isSmall && this.#kept.length === 0 && !this.#isHeld) return this.#push(chunk);
    if (isSmall) this.#kept.push(chunk);
    else {
      for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
        this.#kept.push(chunk.subarray(at, at + PIECE_BYTES));
      }
    }
    this.#pass();
    return this.#kept.length === 0;
  }

  #pass(): void {
    if (this.#isPassing) return;
    this.#isPassing = true;
    let passed = 0;
    while (passed < this.#kept.length && !this.#isHeld && this.#socket.readableFlowing !== false) {
      this.#push(this.#kept[passed++]);
    }
    this.#kept = this.#kept.slice(passed);
    this.#isPassing = false;
  }
}

function passOver(): void {}
