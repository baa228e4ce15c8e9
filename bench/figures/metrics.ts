import type { Figure } from "../bench.ts";
import { Scraper } from "../load/scraper.ts";
import { HAND_OUT, startPoolServer } from "../processes/pool-server.ts";
import { processorSeconds } from "../processes/processor-seconds.ts";
import { seedKeys } from "../seed.ts";
import { median, percentile } from "../statistics.ts";

const REGIONS = ["eastasia", "westus", "northeurope", "japaneast"];
/** With one scrape in each, and so short that what else the machine does hurts neighbours alike. */
const ROUND_SECONDS = 1;
/** The rates of two seconds differ by a tenth for no reason: what differs by a hundredth takes many. */
const ROUNDS_PER_EFFORT = 16;

/** What a server did in a round, or that of one by that of its neighbour. */
interface Round {
  readonly perSecond: number;
  /** Hand-outs for a second of the processor, so that what others take of the machine is no part of it. */
  readonly perProcessorSecond: number;
  readonly p99Ms: number;
}

/** How long a scrape takes, and what hand-outs notice of one every second: one server, with and without in turn. */
export const metrics: Figure = async ({ tool, effort, scratchFile }) => {
  const file = scratchFile("scraped.db");
  await seedKeys(file, effort.manyKeys, REGIONS);
  const { url, pid, stop } = await startPoolServer(file);
  const scraper = new Scraper({ url });
  let errors = 0;
  const load = async (seconds = ROUND_SECONDS): Promise<Round> => {
    const before = processorSeconds(pid);
    const result = await tool.run({ url: url + HAND_OUT, seconds });
    errors += result.errors;
    return { ...result, perProcessorSecond: result.answered / (processorSeconds(pid) - before) };
  };
  try {
    const idle: number[] = [];
    await scraper.scrape();
    while (idle.length < effort.repetitions) idle.push(await scraper.scrape());
    await scraper.during(load(2 * effort.warmUpSeconds));
    const beside: Round[] = [];
    while (beside.length < effort.rounds * ROUNDS_PER_EFFORT) {
      // Each comes first in every other round.
      const early = beside.length % 2 === 0 ? undefined : await load();
      const scraped = await scraper.during(load());
      beside.push(ratiosOf(scraped, early ?? (await load())));
    }
    const ratio = (of: keyof Round) => median(beside.map((round) => round[of]));
    const spread = (of: keyof Round) => {
      const [low, high] = [25, 75].map((part) =>
        percentile(
          beside.map((round) => round[of]),
          part,
        ).toFixed(3),
      );
      return `${beside.length} rounds, half of them from ${low} to ${high}`;
    };
    const demand = { on: "measured", is: "≥", goal: 0.97 } as const;
    errors += scraper.failures;
    return [
      {
        figure: "GET /metrics, 100,000 keys",
        unit: "ms",
        measured: median(idle),
        demand: { on: "measured", is: "<", goal: 50, aim: 10 },
        note: `at worst ${Math.max(...idle).toFixed(1)} ms; beside hand-outs at full load ${median(scraper.timesMs).toFixed(1)} ms`,
      },
      {
        figure: "GET /keys/get in a second with a scrape by one without",
        ...{ unit: "", measured: ratio("perSecond"), errors, demand },
        note: `${spread("perSecond")}; p99 ${ratio("p99Ms").toFixed(2)} times that without`,
      },
      {
        figure: "… for the same time of the processor",
        ...{ unit: "", measured: ratio("perProcessorSecond"), errors, demand },
        note: spread("perProcessorSecond"),
      },
    ];
  } finally {
    scraper.close();
    await stop();
  }
};

function ratiosOf(ours: Round, theirs: Round): Round {
  return {
    perSecond: ours.perSecond / theirs.perSecond,
    perProcessorSecond: ours.perProcessorSecond / theirs.perProcessorSecond,
    p99Ms: ours.p99Ms / theirs.p99Ms,
  };
}
