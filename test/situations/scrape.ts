/** A scrape: each series as it is written, such as `keys{service="speech"}`, without the prefix of this project. */
export type Scraped = ReadonlyMap<string, number>;

const PREFIX = "azure_key_pool_";

/** Reads the text format of Prometheus. Throws for a line that is none, and for a series that comes twice. */
export function readScrape(text: string): Scraped {
  const series = new Map<string, number>();
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const [, name = "", value = ""] = /^([a-z_]\w*(?:\{.*\})?) (\S+)$/i.exec(line) ?? [];
    const shown = name.replace(PREFIX, "");
    if (name === "" || Number.isNaN(Number(value)) || series.has(shown))
      throw new Error(`No series: ${line}`);
    series.set(shown, Number(value));
  }
  return series;
}

/** The series of one metric with its values, by labels, as `speech eastasia handed_out 3`; those that are 0 left out. */
export function seriesOf(scraped: Scraped, metric: string): readonly string[] {
  const own = [...scraped].filter(([name, value]) => name.replace(/\{.*/, "") === metric && value !== 0);
  return own
    .map(([name, value]) => {
      const labels = Array.from(name.matchAll(/\w+="([^"]*)"/g), ([, label]) => label);
      return [...labels, value].join(" ");
    })
    .toSorted();
}
