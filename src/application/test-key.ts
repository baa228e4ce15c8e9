import {
  type Clock,
  cleanNote,
  isKeyNotFound,
  type Key,
  type Log,
  type LogDraft,
  parseLanguage,
  parseProbeText,
  parseRegion,
  parseSecret,
} from "../domain/index.ts";
import { type CodeEffects, type CodeOutcome, outcomeOf } from "./code-effects.ts";
import type { KeyLookup } from "./key-lookup.ts";
import { keyEntry } from "./log-drafts.ts";
import { noteOf, type Probed, type ProbeQuestion, type Probes, SERVICE_OF } from "./probes.ts";

/** Why Azure's verdict was not applied to any key of the pool. */
export type TestWarning = "not_registered" | "other_region";

export interface KeyTestOutcome {
  readonly probed: Probed;
  /** What the verdict did to the key; null when there was none from Azure, or no key it concerns. */
  readonly statusUpdate: CodeOutcome | null;
  readonly warning: TestWarning | null;
}

/** Asks Azure whether a key works, and takes the answer for a report when the key is in the pool. */
export class TestKey {
  readonly #clock: Clock;
  readonly #probes: Probes;
  readonly #lookup: KeyLookup;
  readonly #effects: CodeEffects;
  readonly #log: Log;

  constructor(clock: Clock, probes: Probes, lookup: KeyLookup, effects: CodeEffects, log: Log) {
    this.#clock = clock;
    this.#probes = probes;
    this.#lookup = lookup;
    this.#effects = effects;
    this.#log = log;
  }

  /**
   * Throws `invalid_request`, `probe_unavailable`, `busy`, `storage_unavailable`, and the signal's reason when it is
   * aborted before Azure has been asked.
   */
  async execute(test: ProbeQuestion, signal?: AbortSignal): Promise<KeyTestOutcome> {
    const question = parseQuestion(test);
    const probed = await this.#probes.ask(question, signal);
    const note = cleanNote(noteOf(probed), question.secret);
    const key = await this.#lookup.find(SERVICE_OF[question.kind], question.secret);
    const entry = this.#entry(question, key, probed.verdict.code, note);
    // Only what the service itself said is about the key, and of a key in another region it says that it is dead.
    const applies = probed.verdict.source === "service" && key?.region === question.region;
    const [statusUpdate] = await Promise.all([
      applies ? this.#update(key, probed.verdict.code, note) : null,
      this.#log.append(entry),
    ]);
    if (statusUpdate || probed.verdict.source !== "service") return { probed, statusUpdate, warning: null };
    return { probed, statusUpdate, warning: key && !applies ? "other_region" : "not_registered" };
  }

  /** Null when the key has been deleted meanwhile. */
  async #update(key: Key, code: number, note: string): Promise<CodeOutcome | null> {
    try {
      const { decision } = await this.#effects.apply(key.id, code, note);
      return outcomeOf(decision);
    } catch (error) {
      if (isKeyNotFound(error)) return null;
      throw error;
    }
  }

  #entry({ kind, region }: ProbeQuestion, key: Key | undefined, statusCode: number, note: string): LogDraft {
    const at = this.#clock.now();
    if (key) return keyEntry({ ...key, region }, "test", at, { statusCode, note });
    const nobody = { service: SERVICE_OF[kind], keyId: null, keyName: null };
    return { ...nobody, region, action: "test", statusCode, note, at };
  }
}

function parseQuestion({ kind, secret, region, text, from, to }: ProbeQuestion): ProbeQuestion {
  return {
    kind,
    secret: parseSecret(secret),
    region: parseRegion(region),
    ...(text !== undefined && { text: parseProbeText(text) }),
    ...(from !== undefined && { from: parseLanguage("from", from) }),
    ...(to !== undefined && { to: parseLanguage("to", to) }),
  };
}
