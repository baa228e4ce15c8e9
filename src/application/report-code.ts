import {
  cleanNote,
  isSuccess,
  type Judgement,
  judge,
  type Log,
  type LogAction,
  parseStatusCode,
  type Service,
} from "../domain/index.ts";
import type { CurrentSettings } from "./current-settings.ts";
import type { KeyLookup } from "./key-lookup.ts";
import { keyEntry } from "./log-drafts.ts";
import type { Decided, Standings } from "./standings.ts";
import type { UsageCounters } from "./usage-counters.ts";

export interface Report {
  readonly service: Service;
  readonly secret: string;
  readonly code: number | string;
  readonly note?: string | null;
}

export type ReportOutcome = Omit<Judgement, "standing"> & { readonly statusChanged: boolean };

const LOGGED_AS = {
  disable: "disable_key",
  cooldown: "cooldown_start",
  keep_enabled: "set_status",
  log: "set_status",
  skip: null,
} as const satisfies Record<Judgement["action"], LogAction | null>;

/** Takes in which code a key got, and rests or retires the key as the rules say. */
export class ReportCode {
  readonly #lookup: KeyLookup;
  readonly #standings: Standings;
  readonly #settings: CurrentSettings;
  readonly #log: Log;
  readonly #counters: UsageCounters;

  constructor(
    lookup: KeyLookup,
    standings: Standings,
    settings: CurrentSettings,
    log: Log,
    counters: UsageCounters,
  ) {
    this.#lookup = lookup;
    this.#standings = standings;
    this.#settings = settings;
    this.#log = log;
    this.#counters = counters;
  }

  /** Throws `invalid_request`, `key_not_found`, `storage_unavailable`. */
  async execute(report: Report): Promise<ReportOutcome> {
    const statusCode = parseStatusCode(report.code);
    const { id } = await this.#lookup.bySecret(report.service, report.secret);
    const note = report.note ? cleanNote(report.note, report.secret) : null;
    const entryOf = ({ key, at }: Decided<Judgement>, action: LogAction) =>
      keyEntry(key, action, at, { statusCode, note });

    if (!isSuccess(statusCode)) this.#counters.countError(id);
    const decided = await this.#standings.change(
      id,
      (standing, at) => judge(standing, statusCode, this.#settings.value, at),
      (decided) => entryOf(decided, LOGGED_AS[decided.decision.action] ?? "set_status"),
    );
    const { standing, ...outcome } = decided.decision;
    const statusChanged = outcome.action === "disable" || outcome.action === "cooldown";
    const logged = LOGGED_AS[outcome.action];
    if (logged && !statusChanged) await this.#log.append(entryOf(decided, logged));
    return { ...outcome, statusChanged };
  }
}
