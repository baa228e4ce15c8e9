import {
  cleanNote,
  keyLogDraft,
  type Log,
  parseStatusCode,
  type Scope,
  type Service,
} from "../../domain/index.ts";
import { known } from "../access/in-scope.ts";
import type { Keyring } from "../keyring/keyring.ts";
import { type CodeEffects, type CodeOutcome, outcomeOf } from "./code-effects.ts";

export interface Report {
  readonly service: Service;
  readonly secret: string;
  /** An HTTP status from 100 to 599, or the same as a string of digits. */
  readonly code: number | string;
  readonly note?: string | null;
}

interface Parts {
  readonly keyring: Keyring;
  readonly effects: CodeEffects;
  readonly log: Log;
}

/** Takes in which code a key got, and rests or retires the key as the rules say. */
export class ReportCode {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Throws `invalid_request`, `key_not_found`, also outside of `scope`, `storage_unavailable`. */
  async execute(report: Report, scope?: Scope): Promise<CodeOutcome> {
    const { keyring, effects, log } = this.#parts;
    const statusCode = parseStatusCode(report.code);
    const { id } = known(await keyring.bySecret(report.service, report.secret), scope);
    const note = report.note ? cleanNote(keyring.maskSecrets(report.note), report.secret) : null;
    const { key, decision, at } = await effects.apply(id, { statusCode, note, actor: "caller" });
    const outcome = outcomeOf(decision);
    // A storm of skips must not flood the log; a change has been logged with itself.
    if (!outcome.statusChanged && outcome.action !== "skip") {
      await log.append(keyLogDraft(key, "set_status", { statusCode, note, at }));
    }
    return outcome;
  }
}
