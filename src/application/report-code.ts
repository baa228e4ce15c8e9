import { cleanNote, type Log, parseStatusCode, type Service } from "../domain/index.ts";
import { type CodeEffects, type CodeOutcome, outcomeOf } from "./code-effects.ts";
import type { KeyLookup } from "./key-lookup.ts";
import { keyEntry } from "./log-drafts.ts";

export interface Report {
  readonly service: Service;
  readonly secret: string;
  readonly code: number | string;
  readonly note?: string | null;
}

/** Takes in which code a key got, and rests or retires the key as the rules say. */
export class ReportCode {
  readonly #lookup: KeyLookup;
  readonly #effects: CodeEffects;
  readonly #log: Log;

  constructor(lookup: KeyLookup, effects: CodeEffects, log: Log) {
    this.#lookup = lookup;
    this.#effects = effects;
    this.#log = log;
  }

  /** Throws `invalid_request`, `key_not_found`, `storage_unavailable`. */
  async execute(report: Report): Promise<CodeOutcome> {
    const statusCode = parseStatusCode(report.code);
    const { id } = await this.#lookup.bySecret(report.service, report.secret);
    const note = report.note ? cleanNote(report.note, report.secret) : null;
    const { key, decision, at } = await this.#effects.apply(id, statusCode, note);
    const outcome = outcomeOf(decision);
    // A storm of skips must not flood the log; a change has been logged with itself.
    if (!outcome.statusChanged && outcome.action !== "skip") {
      await this.#log.append(keyEntry(key, "set_status", at, { statusCode, note }));
    }
    return outcome;
  }
}
