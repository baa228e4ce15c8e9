import type { Figure } from "../bench.ts";
import { loadInTurn } from "../load/in-turn.ts";
import { ask, HAND_OUT, startPoolServer } from "../processes/pool-server.ts";
import { seedKeys } from "../seed.ts";
import { median } from "../statistics.ts";

const SCRAPE_EVERY_MS = 1_000;
const REGIONS = ["eastasia", "westus", "northeurope", "japaneast"];

/** How long a scrape takes, and what hand-outs notice of one every second. */
export const metrics: Figure = async ({ tool, effort, scratchFile }) => {
  const [scrapedFile, quietFile] = [scratchFile("scraped.db"), scratchFile("quiet.db")];
  await Promise.all([scrapedFile, quietFile].map((file) => seedKeys(file, effort.manyKeys, REGIONS)));
  const [scraped, quiet] = await Promise.all([startPoolServer(scrapedFile), startPoolServer(quietFile)]);
  let scraping: NodeJS.Timeout | undefined;
  try {
    await scrape(scraped.url);
    const times: number[] = [];
    while (times.length < effort.repetitions) times.push(await scrape(scraped.url));
    const busy: number[] = [];
    scraping = setInterval(() => {
      scrape(scraped.url).then((ms) => busy.push(ms), console.error);
    }, SCRAPE_EVERY_MS);
    const { ours, anchors } = await loadInTurn(
      tool,
      effort,
      { url: scraped.url + HAND_OUT },
      { url: quiet.url + HAND_OUT },
    );
    return [
      {
        figure: "GET /metrics, 100,000 keys",
        unit: "ms",
        measured: median(times),
        demand: { on: "measured", is: "<", goal: 50, aim: 10 },
        note: `at worst ${Math.max(...times).toFixed(1)} ms; beside hand-outs at full load ${median(busy).toFixed(1)} ms`,
      },
      {
        figure: "GET /keys/get beside a scrape every second, against none",
        unit: "/s",
        measured: ours.perSecond,
        anchor: anchors.perSecond,
        errors: ours.errors + anchors.errors,
        demand: { on: "ratio", is: "≥", goal: 0.97 },
      },
    ];
  } finally {
    clearInterval(scraping);
    await Promise.all([scraped.stop(), quiet.stop()]);
  }
};

/** Answers the milliseconds it took. */
async function scrape(url: string): Promise<number> {
  const startedAt = performance.now();
  await (await ask(`${url}/metrics`)).text();
  return performance.now() - startedAt;
}
