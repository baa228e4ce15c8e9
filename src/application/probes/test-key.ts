import {
  type Asker,
  actorOf,
  afterSeconds,
  type Clock,
  isKeyNotFound,
  type Key,
  keyLogDraft,
  type Log,
  type LogDraft,
  maskSecret,
  maskSecretIn,
  maskSecretLike,
  parseLanguage,
  parseProbeText,
  parseRegion,
  parseSecret,
  type Scope,
  type Service,
  strangerLogDraft,
} from "../../domain/index.ts";
import { allowPlace, isWithin, known } from "../access/in-scope.ts";
import { type AuditTrail, audited, type Deed, subjectOf } from "../audit/audit-trail.ts";
import { type CodeEffects, type CodeOutcome, outcomeOf, type SeenCode } from "../hand-outs/code-effects.ts";
import type { Keyring } from "../keyring/keyring.ts";
import { mapTexts } from "./map-texts.ts";
import { noteOf, type Probed, type ProbeQuestion, type Probes, SERVICE_OF } from "./probes.ts";

/** Why Azure's verdict was not applied to any key of the pool. */
export type TestWarning = "not_registered" | "other_region";

export interface KeyTestOutcome {
  readonly probed: Probed;
  /** What the verdict did to the key; null when there was none from Azure, or no key it concerns. */
  readonly statusUpdate: CodeOutcome | null;
  readonly warning: TestWarning | null;
}

interface Parts {
  readonly clock: Clock;
  readonly probes: Probes;
  readonly keyring: Keyring;
  readonly effects: CodeEffects;
  readonly log: Log;
  readonly trail: AuditTrail | undefined;
}

/** Asks Azure whether a key works, and takes the answer for a report when the key is in the pool. */
export class TestKey {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * A key of the pool that is outside of `scope` is tested as one that is in no pool. Throws `invalid_request`,
   * `forbidden` for a place outside of `scope`, `probe_unavailable`, `busy`, `storage_unavailable`, and the signal's
   * reason when it is aborted before Azure has been asked.
   */
  async execute(
    test: ProbeQuestion,
    signal?: AbortSignal,
    scope?: Scope,
    asker?: Asker,
  ): Promise<KeyTestOutcome> {
    const question = parseQuestion(test);
    const { tags: _, ...place } = scope ?? {};
    allowPlace(place, { service: SERVICE_OF[question.kind], region: question.region, tag: null });
    const run = () => this.#test(question, signal, scope, asker);
    if (asker === undefined) return run();
    return audited(this.#parts.trail, asker, { ...(await this.#deed(question, scope)), signal }, run);
  }

  async #deed({ kind, secret, region }: ProbeQuestion, scope: Scope | undefined): Promise<Deed> {
    const service = SERVICE_OF[kind];
    const found = await this.#parts.keyring.find(service, secret);
    const subject = found && isWithin(scope, found) ? subjectOf(found) : `a ${service} key of no pool`;
    return { act: "test_key", subject, after: { key: maskSecret(secret), region, kind } };
  }

  async #test(
    question: ProbeQuestion,
    signal: AbortSignal | undefined,
    scope: Scope | undefined,
    asker: Asker | undefined,
  ): Promise<KeyTestOutcome> {
    const { keyring, log, probes } = this.#parts;
    const asked = await probes.ask(question, signal);
    // Azure may quote what it was sent, and another key of the pool may have been in the text.
    const probed = mapTexts(asked, (text) =>
      maskSecretLike(maskSecretIn(keyring.maskSecrets(text), question.secret)),
    );
    const note = keyring.cleanNote(noteOf(probed), question.secret);
    const found = await keyring.find(SERVICE_OF[question.kind], question.secret);
    const key = found && isWithin(scope, found) ? found : undefined;
    const { code: statusCode, retryAfterSeconds } = probed.verdict;
    const retryAfter = retryAfterSeconds === undefined ? undefined : afterSeconds(retryAfterSeconds);
    const seen = { statusCode, note, actor: actorOf(asker), retryAfter };
    const entry = this.#entry(question, key, seen);
    // Only what the service itself said is about the key, and of a key in another region it says that it is dead.
    const applies = probed.verdict.source === "service" && key?.region === question.region;
    const [statusUpdate] = await Promise.all([applies ? this.#update(key, seen) : null, log.append(entry)]);
    if (statusUpdate || probed.verdict.source !== "service") return { probed, statusUpdate, warning: null };
    return { probed, statusUpdate, warning: key && !applies ? "other_region" : "not_registered" };
  }

  /** The same for a key of the pool, named by secret or id. Throws `key_not_found` as well, also outside of `scope`. */
  async ofPool(
    service: Service,
    reference: string,
    { kind }: Pick<ProbeQuestion, "kind">,
    signal?: AbortSignal,
    scope?: Scope,
    asker?: Asker,
  ): Promise<KeyTestOutcome> {
    const key = known(await this.#parts.keyring.byReference(service, reference), scope);
    return this.execute({ kind, secret: key.secret, region: key.region }, signal, scope, asker);
  }

  /** Null when the key has been deleted meanwhile. */
  async #update(key: Key, seen: SeenCode): Promise<CodeOutcome | null> {
    try {
      const { decision } = await this.#parts.effects.apply(key.id, seen);
      return outcomeOf(decision);
    } catch (error) {
      if (isKeyNotFound(error)) return null;
      throw error;
    }
  }

  #entry({ kind, region }: ProbeQuestion, key: Key | undefined, seen: SeenCode): LogDraft {
    const details = { at: this.#parts.clock.now(), ...seen };
    if (key) return keyLogDraft({ ...key, region }, "test", details);
    return strangerLogDraft({ service: SERVICE_OF[kind], region }, details);
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
