let number = 0;
let isCounting = false;

/**
 * The number of this turn of the event loop, to tell it from others: between two of them every connection that has
 * something to read is read. Counting costs one callback for each turn in which anybody asks.
 */
function turnNow(): number {
  if (!isCounting) {
    isCounting = true;
    setImmediate(countOn);
  }
  return number;
}

/** So many starts in each turn of the event loop, and no more. */
export class StartsInTurn {
  readonly #most: number;
  #turn = -1;
  #begun = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Whether one more may start now; then it has. */
  take(): boolean {
    const turn = turnNow();
    if (turn !== this.#turn) {
      this.#turn = turn;
      this.#begun = 0;
    }
    if (this.#begun === this.#most) return false;
    this.#begun += 1;
    return true;
  }
}

function countOn(): void {
  number += 1;
  isCounting = false;
}
