import { BoundedNames, type PoolEvent, type ProbeKind, type ProbeResult } from "../../application/index.ts";
import { PROBE_SECONDS } from "./bounds.ts";
import { Distribution } from "./distribution.ts";
import { type Counted, Tally } from "./tally.ts";

type Reported = Extract<PoolEvent, { kind: "reported" }>["report"];
type Changed = NonNullable<Extract<PoolEvent, { kind: "key-changed" }>["entry"]>;

/** What names stand for that are one too many. */
export const OTHER = "other";

const MOST_REGIONS = 100;
const MOST_CODES = 30;

/** What has happened in a pool, as its events told. */
export class PoolCells {
  readonly cooldowns = new Tally();
  readonly disables = new Tally();
  readonly ignoredReports = new Tally();
  readonly probes = new Tally();
  readonly probeSeconds: Readonly<Record<ProbeKind, Distribution>> = {
    synthesis: new Distribution(PROBE_SECONDS),
    recognition: new Distribution(PROBE_SECONDS),
    translation: new Distribution(PROBE_SECONDS),
  };
  readonly #reports = new Map<string, ReportCells>();
  readonly #regions = new BoundedNames(MOST_REGIONS);
  readonly #codes = new BoundedNames(MOST_CODES);

  note(event: PoolEvent): void {
    if (event.kind === "reported") this.#report(event.report);
    else if (event.kind === "key-changed" && event.entry) this.#change(event.entry);
    else if (event.kind === "probed") this.#probe(event);
  }

  /** The region, or `other` for one too many. */
  regionOf(region: string | null): string {
    return (region === null ? null : this.#regions.of(region)) ?? OTHER;
  }

  readReports(): readonly Counted[] {
    return Array.from(this.#reports, ([service, cells]) =>
      cells.read().map(({ labels, count }) => ({ labels: [service, ...labels], count })),
    ).flat();
  }

  #report({ key, statusCode, outcome }: Reported): void {
    let cells = this.#reports.get(key.service);
    if (!cells) {
      cells = new ReportCells();
      this.#reports.set(key.service, cells);
    }
    cells.count(statusCode, outcome.action);
    if (outcome.action === "skip") this.ignoredReports.count(outcome.reason);
  }

  #change({ action, service, region, statusCode }: Changed): void {
    if (action === "cooldown_start") this.cooldowns.count(service, this.regionOf(region));
    if (action !== "disable_key") return;
    const code = statusCode === null ? "person" : (this.#codes.of(String(statusCode)) ?? OTHER);
    this.disables.count(service, this.regionOf(region), code);
  }

  #probe(result: ProbeResult): void {
    this.probes.count(result.probe, verdictOf(result));
    this.probeSeconds[result.probe].observe(result.durationMs / 1000);
  }
}

type Action = Reported["outcome"]["action"];

const ACTIONS = ["keep_enabled", "log", "disable", "cooldown", "skip"] as const satisfies readonly Action[];
const ACTION_INDEX: Readonly<Record<Action, number>> = {
  ...{ keep_enabled: 0, log: 1, disable: 2, cooldown: 3, skip: 4 },
};
const CLASSES = 5;

/** The reports of one service: as many as there are hand-outs, so a cell for each class and action. */
class ReportCells {
  readonly #counts = new Float64Array(CLASSES * ACTIONS.length);

  count(statusCode: number, action: Action): void {
    const index = (Math.floor(statusCode / 100) - 1) * ACTIONS.length + ACTION_INDEX[action];
    this.#counts[index] = (this.#counts[index] as number) + 1;
  }

  /** Labelled with class and action. */
  read(): readonly Counted[] {
    return Array.from(this.#counts, (count, index) => ({
      labels: [`${Math.floor(index / ACTIONS.length) + 1}xx`, ACTIONS[index % ACTIONS.length] as string],
      count,
    })).filter(({ count }) => count > 0);
  }
}

/** What a probe found out, in few words. Only what the service itself said is about the key. */
function verdictOf({ statusCode, source }: ProbeResult): string {
  if (source !== "service") return "unanswered";
  if (statusCode < 300) return "works";
  return statusCode === 429 ? "throttled" : "rejected";
}
