import {
  type Actor,
  CALLER,
  type Clock,
  type Key,
  type KeyId,
  keyLogDraft,
  type Log,
  parseReportedRetryAfter,
  parseStatusCode,
  type Scope,
  type Service,
} from "../../domain/index.ts";
import type { ClientBudgets } from "../access/client-budgets.ts";
import { known } from "../access/in-scope.ts";
import type { Keyring } from "../keyring/keyring.ts";
import { type CodeEffects, type CodeOutcome, outcomeOf, type SeenCode } from "./code-effects.ts";

export interface Report {
  readonly service: Service;
  readonly secret: string;
  /** An HTTP status from 100 to 599, or the same as a string of digits. */
  readonly code: number | string;
  readonly note?: string | null;
  /**
   * What the service's `Retry-After` said: whole seconds, or an HTTP date. A cooldown that this report starts ends
   * then, within `retry_after_max_seconds`; else it means nothing. Default: `cooldown_seconds` from now.
   */
  readonly retryAfter?: number | string | null | undefined;
  /** Who reports, for the log. Default: the client, or `caller`. */
  readonly actor?: Actor | undefined;
}

/** A report that was taken in, with what is durable of it; holds no secret. */
export interface TakenReport {
  readonly key: Pick<Key, "id" | "service" | "region" | "name" | "tag">;
  readonly statusCode: number;
  readonly outcome: CodeOutcome;
  readonly actor: Actor;
  readonly at: number;
}

/** A report that nothing forbids: it is taken in, or dropped. */
export interface AdmittedReport {
  takeIn(): Promise<CodeOutcome>;
  drop(): void;
}

interface Parts {
  readonly clock: Clock;
  readonly keyring: Keyring;
  readonly effects: CodeEffects;
  readonly log: Log;
  readonly budgets: ClientBudgets;
  readonly onReport: (report: TakenReport) => void;
}

/** Takes in which code a key got, and rests or retires the key as the rules say. */
export class ReportCode {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Throws `invalid_request`, `key_not_found`, also outside of `scope`, `storage_unavailable`. With `client`, the id of
   * a token, also `forbidden` for a key that was not handed to it lately and `budget_exhausted` when it would disable
   * more than it may.
   */
  async execute(report: Report, scope?: Scope, client?: string): Promise<CodeOutcome> {
    return (await this.admit(report, scope, client)).takeIn();
  }

  /** Refuses as `execute` does, and changes nothing yet but the client's budget. */
  async admit(report: Report, scope?: Scope, client?: string): Promise<AdmittedReport> {
    const { keyring } = this.#parts;
    const actor = report.actor ?? client ?? CALLER;
    const statusCode = parseStatusCode(report.code);
    const retryAfter = report.retryAfter == null ? undefined : parseReportedRetryAfter(report.retryAfter);
    const { id, standing } = known(await keyring.bySecret(report.service, report.secret), scope);
    const note = report.note ? keyring.cleanNote(report.note, report.secret) : null;
    const takeBack = client === undefined ? NOTHING : this.#spend(client, { id, standing }, statusCode);
    const seen = { statusCode, note, actor, retryAfter };
    return { takeIn: () => this.#takeIn(id, seen, client, takeBack), drop: takeBack };
  }

  async #takeIn(
    id: KeyId,
    seen: SeenCode,
    client: string | undefined,
    takeBack: () => void,
  ): Promise<CodeOutcome> {
    const { statusCode, note, actor } = seen;
    const { key, decision, at } = await this.#parts.effects.apply(id, seen);
    const outcome = outcomeOf(decision);
    if (decision.action !== "disable") takeBack();
    else if (client !== undefined && takeBack === NOTHING) this.#parts.budgets.disabled(client, id);
    // A storm of skips must not flood the log; a change has been logged with itself.
    if (!outcome.statusChanged && outcome.action !== "skip") {
      await this.#parts.log.append(keyLogDraft(key, "set_status", { statusCode, note, actor, at }));
    }
    const { service, region, name, tag } = key;
    this.#parts.onReport({ key: { id, service, region, name, tag }, statusCode, outcome, actor, at });
    return outcome;
  }

  #spend(client: string, { id, standing }: Pick<Key, "id" | "standing">, statusCode: number): () => void {
    const { budgets, effects, clock } = this.#parts;
    budgets.checkReport(client, id);
    return effects.wouldDisable(standing, statusCode, clock.now()) ? budgets.disable(client, id) : NOTHING;
  }
}

function NOTHING(): void {}
