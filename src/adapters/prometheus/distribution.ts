/** How often values up to each of some bounds came: the cells of a histogram, filled without allocating anything. */
export class Distribution {
  readonly bounds: readonly number[];
  /** Of each bound the values that came no lower one's way; the last of them are beyond all bounds. */
  readonly counts: Float64Array;
  sum = 0;

  /** `bounds` go up. */
  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    const { bounds, counts } = this;
    let index = 0;
    while (index < bounds.length && value > (bounds[index] as number)) index++;
    counts[index] = (counts[index] as number) + 1;
    this.sum += value;
  }
}
