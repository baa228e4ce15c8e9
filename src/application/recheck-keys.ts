import {
  type Clock,
  cleanNote,
  enable,
  isKeyNotFound,
  isSuccess,
  type Key,
  type KeyRepository,
  type Log,
  type LogDraft,
  SERVICES,
} from "../domain/index.ts";
import type { CurrentSettings } from "./current-settings.ts";
import type { KeyLookup } from "./key-lookup.ts";
import { keyEntry } from "./log-drafts.ts";
import { noteOf, type Probes } from "./probes.ts";
import { type CodeDisabledKey, isDisabledByCode, RecheckSchedule } from "./recheck-schedule.ts";
import type { Standings } from "./standings.ts";

/**
 * Probes keys again that a code disabled, and enables those that work. Run it about once a minute. The
 * schedule lives in memory, so that a restart begins again with short gaps.
 */
export class RecheckKeys {
  readonly #clock: Clock;
  readonly #repository: KeyRepository;
  readonly #log: Log;
  readonly #lookup: KeyLookup;
  readonly #settings: CurrentSettings;
  readonly #probes: Probes;
  readonly #standings: Standings;
  readonly #schedule = new RecheckSchedule();

  constructor(
    clock: Clock,
    repository: KeyRepository,
    log: Log,
    lookup: KeyLookup,
    settings: CurrentSettings,
    probes: Probes,
    standings: Standings,
  ) {
    this.#clock = clock;
    this.#repository = repository;
    this.#log = log;
    this.#lookup = lookup;
    this.#settings = settings;
    this.#probes = probes;
    this.#standings = standings;
  }

  /** Answers how many keys were enabled. Begins no further probe after `stop`. Throws `storage_unavailable`. */
  async execute(stop?: AbortSignal): Promise<number> {
    const { recheckIntervalMs } = this.#settings.value;
    if (recheckIntervalMs === 0) return 0;
    const due = this.#schedule.due(await this.#disabledByCode(), recheckIntervalMs, this.#clock.now());
    const pools = Map.groupBy(due, ({ service, region }) => `${service} ${region}`);
    const running = Array.from(pools.values(), (keys) => this.#recheckPool(keys, stop));
    let enabled = 0;
    // No pool's fault may end this while another pool is still at work.
    for (const outcome of await Promise.allSettled(running)) {
      if (outcome.status === "rejected") throw outcome.reason;
      enabled += outcome.value;
    }
    return enabled;
  }

  async #disabledByCode(): Promise<readonly CodeDisabledKey[]> {
    const now = this.#clock.now();
    const pages = await Promise.all(
      SERVICES.filter((service) => this.#probes.covers(service)).map((service) =>
        this.#repository.list({ service, status: "disabled" }, now),
      ),
    );
    return pages.flatMap<Key>(({ keys }) => keys).filter(isDisabledByCode);
  }

  /** One key after the other. What keeps Azure from answering for one keeps it from answering for the next. */
  async #recheckPool(keys: readonly CodeDisabledKey[], stop: AbortSignal | undefined): Promise<number> {
    let enabled = 0;
    for (const key of keys) {
      if (stop?.aborted) break;
      const outcome = await this.#recheck(key);
      if (outcome === "no-verdict") break;
      if (outcome === "enabled") enabled += 1;
    }
    return enabled;
  }

  async #recheck(stored: CodeDisabledKey): Promise<"enabled" | "disabled" | "no-verdict"> {
    const known = await this.#lookup.byId(stored.id);
    if (!known) return "disabled";
    const seen: CodeDisabledKey = { ...known, standing: stored.standing };
    const probed = await this.#probes.tryKey(seen);
    const { code: statusCode, source } = probed.verdict;
    const told = { statusCode, note: cleanNote(`re-check: ${noteOf(probed)}`, seen.secret) };
    const at = this.#clock.now();
    const works = isSuccess(statusCode);
    this.#schedule.probed(seen, at, source === "service" && !works);
    await this.#log.append(keyEntry(seen, "test", at, told));
    if (source !== "service") return "no-verdict";
    const enabled = works && (await this.#permit(seen, (at) => keyEntry(seen, "enable_key", at, told)));
    return enabled ? "enabled" : "disabled";
  }

  /** False when somebody has decided about the key since the probe began, moved or deleted it. */
  async #permit(seen: Key, entryOf: (at: number) => LogDraft): Promise<boolean> {
    try {
      return await this.#standings.permitIfUnchanged(seen, enable, entryOf);
    } catch (error) {
      if (isKeyNotFound(error)) return false;
      throw error;
    }
  }
}
