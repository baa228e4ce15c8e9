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

/** Does so many acts in each turn of the event loop; the others wait, in the order in which they came. */
export class InTurn {
  readonly #starts: StartsInTurn;
  #waiting: (() => void)[] = [];
  readonly #goOn = (): void => {
    let done = 0;
    while (done < this.#waiting.length && this.#starts.take()) this.#waiting[done++]?.();
    this.#waiting = this.#waiting.slice(done);
    if (this.#waiting.length > 0) setImmediate(this.#goOn);
  };

  constructor(most: number) {
    this.#starts = new StartsInTurn(most);
  }

  run(act: () => void): void {
    if (this.#waiting.length === 0 && this.#starts.take()) act();
    else if (this.#waiting.push(act) === 1) setImmediate(this.#goOn);
  }
}

/**
 * Does so many acts in a millisecond, however many turns there are in it; the others wait, in the order in which they came.
 * What comes to nothing, and says so by false, does not count. Of those that wait there are so many, and no more.
 */
export class InTime {
  readonly #most: number;
  readonly #mostWaiting: number;
  #waiting: (() => boolean)[] = [];
  #left = 0;
  #isCounting = false;
  readonly #goOn = (): void => {
    const wasIdle = this.#left === this.#most;
    this.#left = this.#most;
    let done = 0;
    try {
      while (done < this.#waiting.length && this.#left > 0) this.#do(this.#waiting[done++] as () => boolean);
    } finally {
      this.#waiting = this.#waiting.slice(done);
      this.#isCounting = !wasIdle || done > 0;
      if (this.#isCounting) setTimeout(this.#goOn, 1);
    }
  };

  constructor(most: number, mostWaiting: number) {
    this.#most = most;
    this.#mostWaiting = mostWaiting;
  }

  /** Whether it has been done or will be. */
  run(act: () => boolean): boolean {
    if (!this.#isCounting) {
      this.#isCounting = true;
      this.#left = this.#most;
      setTimeout(this.#goOn, 1);
    }
    if (this.#left > 0) this.#do(act);
    else if (this.#waiting.length < this.#mostWaiting) this.#waiting.push(act);
    else return false;
    return true;
  }

  #do(act: () => boolean): void {
    if (act()) this.#left -= 1;
  }
}

function countOn(): void {
  number += 1;
  isCounting = false;
}
