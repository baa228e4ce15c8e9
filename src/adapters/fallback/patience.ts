/** Limits how long a piece of the shared store's own work may take. */
export class Patience {
  readonly #ms: number;
  readonly #giveUp: (error: Error) => void;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(ms: number, giveUp: (error: Error) => void) {
    this.#ms = ms;
    this.#giveUp = giveUp;
  }

  /** A piece of work begins. */
  start(): void {
    clearTimeout(this.#timer);
    if (this.#isOver) return;
    const giveUp = () => this.#giveUp(new Error(`The shared store did not answer within ${this.#ms} ms`));
    // If it was this process that stood still, the answer waits to be read, which happens before that.
    this.#timer = setTimeout(() => setImmediate(giveUp), this.#ms);
  }

  /** The piece is done; the work goes on later. */
  pause(): void {
    clearTimeout(this.#timer);
  }

  end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }
}
