let number = 0;
let isCounting = false;

/**
 * The number of this turn of the event loop, to tell it from others: between two of them every connection that has
 * something to read is read. Counting costs one callback for each turn in which anybody asks.
 */
export function turnNow(): number {
  if (!isCounting) {
    isCounting = true;
    setImmediate(countOn);
  }
  return number;
}

function countOn(): void {
  number += 1;
  isCounting = false;
}
