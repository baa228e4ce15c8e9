/** The labels of a metric with their values, in the order of its names. */
export type LabelValues = readonly string[];

export interface Counted {
  readonly labels: LabelValues;
  readonly count: number;
}

/** Counts what happens seldom, by labels that the caller keeps few. */
export class Tally {
  readonly #counts = new Map<string, { readonly labels: LabelValues; count: number }>();

  count(...labels: LabelValues): void {
    const name = labels.join("\n");
    const counted = this.#counts.get(name);
    if (counted) counted.count++;
    else this.#counts.set(name, { labels, count: 1 });
  }

  read(): Iterable<Counted> {
    return this.#counts.values();
  }
}
