import {
  type Clock,
  enable,
  isKeyNotFound,
  isSuccess,
  type Key,
  type KeyLogDraft,
  type KeyReader,
  keyLogDraft,
  type Log,
  SERVICES,
  SYSTEM_ASKER,
} from "../../domain/index.ts";
import type { Keyring } from "../keyring/keyring.ts";
import type { SettingsInForce } from "../settings/settings-in-force.ts";
import { noteOf, type Probes } from "./probes.ts";
import { type CodeDisabledKey, isDisabledByCode, RecheckSchedule } from "./recheck-schedule.ts";

interface Parts {
  readonly clock: Clock;
  readonly keys: KeyReader;
  readonly log: Log;
  readonly keyring: Keyring;
  readonly settings: SettingsInForce;
  readonly probes: Probes;
}

/**
 * Probes keys again that a code disabled, and enables those that work. The schedule lives in memory, so that a restart begins again with short gaps.
 */
export class RecheckKeys {
  readonly #parts: Parts;
  readonly #schedule = new RecheckSchedule();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Answers how many keys were enabled. Begins no further probe after `stop`. Throws `storage_unavailable`. */
  async execute(stop?: AbortSignal): Promise<number> {
    const { clock, settings } = this.#parts;
    const { recheckIntervalMs } = settings.value;
    if (recheckIntervalMs === 0) return 0;
    const due = this.#schedule.due(await this.#disabledByCode(), recheckIntervalMs, clock.now());
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
    const { clock, keys, probes } = this.#parts;
    const now = clock.now();
    const pages = await Promise.all(
      SERVICES.filter((service) => probes.covers(service)).map((service) =>
        keys.list({ service, status: "disabled" }, now),
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
    const { clock, keyring, log, probes } = this.#parts;
    const known = await keyring.byId(stored.id);
    if (!known) return "disabled";
    const seen: CodeDisabledKey = { ...known, standing: stored.standing };
    const probed = await probes.tryKey(seen);
    const { code: statusCode, source } = probed.verdict;
    const note = keyring.cleanNote(`re-check: ${noteOf(probed)}`, seen.secret);
    const draft = (action: "test" | "enable_key", at: number) =>
      keyLogDraft(seen, action, { statusCode, note, actor: SYSTEM_ASKER.actor.id, at });
    const at = clock.now();
    const works = isSuccess(statusCode);
    this.#schedule.probed(seen, at, source === "service" && !works);
    await log.append(draft("test", at));
    if (source !== "service") return "no-verdict";
    const enabled = works && (await this.#permit(seen, (at) => draft("enable_key", at)));
    return enabled ? "enabled" : "disabled";
  }

  /** False when the key was changed, moved or deleted since the probe began. */
  async #permit(seen: Key, entryOf: (at: number) => KeyLogDraft): Promise<boolean> {
    try {
      return await this.#parts.keyring.permitIfUnchanged(seen, enable, entryOf);
    } catch (error) {
      if (isKeyNotFound(error)) return false;
      throw error;
    }
  }
}
