import { Counter, Gauge, type Metric, type Registry } from "@prometheus-io/client";
import { type HistogramSeries, histogram } from "./histogram.ts";
import type { Counted } from "./tally.ts";

type Awaitable<T> = T | Promise<T>;

/** Puts metrics into a registry of the client whose numbers are kept elsewhere, and read at each scrape. */
export class Families {
  readonly #registry: Registry;
  readonly #prefix: string;

  constructor(registry: Registry, prefix = "") {
    this.#registry = registry;
    this.#prefix = prefix;
  }

  /** What is read of the same labels is added up, such as all that has one name because of a bound. */
  counter(name: string, help: string, labelNames: readonly string[], read: () => Iterable<Counted>): void {
    const options = { name: this.#prefix + name, help, labelNames, registers: [this.#registry] };
    new Counter({
      ...options,
      collect() {
        this.reset();
        for (const { labels, count } of read()) this.inc(named(labelNames, labels), count);
      },
    });
  }

  /** The same for what also falls. */
  gauge(
    name: string,
    help: string,
    labelNames: readonly string[],
    read: () => Awaitable<Iterable<Counted>>,
  ): void {
    const options = { name: this.#prefix + name, help, labelNames, registers: [this.#registry] };
    new Gauge({
      ...options,
      async collect() {
        const counted = await read();
        this.reset();
        // Without labels there is a zero, also of what is not there.
        if (labelNames.length === 0) this.remove();
        for (const { labels, count } of counted) this.inc(named(labelNames, labels), count);
      },
    });
  }

  histogram(name: string, help: string, read: () => readonly HistogramSeries[]): void {
    // The client asks a metric for no more than its name and its values, which its type does not say.
    this.#registry.registerMetric(histogram(this.#prefix + name, help, read) as unknown as Metric);
  }
}

function named(names: readonly string[], values: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name, index) => [name, values[index] as string]));
}
