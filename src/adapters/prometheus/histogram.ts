import type { Distribution } from "./distribution.ts";

export interface HistogramSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly distribution: Distribution;
}

interface Value {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly metricName: string;
}

/** A histogram as the client's registry takes it, whose cells are filled elsewhere: the client's own cannot be set. */
export function histogram(name: string, help: string, read: () => readonly HistogramSeries[]) {
  const described = { name, help, type: "histogram", aggregator: "sum" } as const;
  return {
    ...described,
    get: async () => ({ ...described, values: read().flatMap((series) => valuesOf(name, series)) }),
    // Who empties the registry keeps what has been counted.
    reset: () => {},
  };
}

function valuesOf(name: string, { labels, distribution }: HistogramSeries): readonly Value[] {
  let upTo = 0;
  const buckets = [...distribution.bounds, "+Inf"].map((le, index) => {
    upTo += distribution.counts[index] as number;
    return { labels: { ...labels, le }, value: upTo, metricName: `${name}_bucket` };
  });
  return [
    ...buckets,
    { labels, value: distribution.sum, metricName: `${name}_sum` },
    { labels, value: upTo, metricName: `${name}_count` },
  ];
}
