import {
  type Clock,
  DomainError,
  type Key,
  type RecognitionOutcome,
  type Service,
  type SpeechProbe,
  type SynthesisOutcome,
  type TranslationOutcome,
  type TranslationProbe,
  type VerdictSource,
  verdictOf,
} from "../../domain/index.ts";
import type { SettingsInForce } from "../settings/settings-in-force.ts";
import { type Entrance, ProbeGate } from "./probe-gate.ts";

export type ProbeKind = "synthesis" | "recognition" | "translation";

/** What to ask Azure about a key. `text` is spoken or translated; recognition hears a made-up sound. */
export interface ProbeQuestion {
  readonly kind: ProbeKind;
  readonly secret: string;
  readonly region: string;
  /** Default: "Hello." */
  readonly text?: string | undefined;
  /** Source language of a translation; default: Azure detects it. */
  readonly from?: string | undefined;
  /** Target language of a translation; default: zh-Hans. */
  readonly to?: string | undefined;
}

export type ProbeFinding =
  | ({ readonly kind: "synthesis" } & SynthesisOutcome)
  | ({ readonly kind: "recognition" } & RecognitionOutcome)
  | ({ readonly kind: "translation" } & TranslationOutcome);

/** What Azure said, and how long it took from question to answer. */
export type Probed = ProbeFinding & { readonly durationMs: number };

export const SERVICE_OF: Readonly<Record<ProbeKind, Service>> = {
  synthesis: "speech",
  recognition: "speech",
  translation: "translation",
};

/** A synthesis takes one of many transactions, where a recognition takes a free key's only place. */
const CHEAPEST: Readonly<Record<Service, ProbeKind>> = { speech: "synthesis", translation: "translation" };

const NAMES: Readonly<Record<ProbeKind, string>> = {
  synthesis: "TTS",
  recognition: "STT",
  translation: "Translation",
};

/** Tests of keys that callers ask for; what the pool itself has under way is no more than `width`. */
const MOST_WAITING = 1_000;

const DEFAULT_TEXT = "Hello.";
const DEFAULT_TARGET = "zh-Hans";

/** What came of a probe; holds nothing that was sent or heard. */
export interface ProbeResult {
  readonly probe: ProbeKind;
  /** Of the service asked for, or the nearest HTTP code for a fault on the way. */
  readonly statusCode: number;
  readonly source: VerdictSource;
  /** From question to answer, or how long it waited in vain for its turn. */
  readonly durationMs: number;
}

interface Parts {
  readonly clock: Clock;
  readonly settings: SettingsInForce;
  readonly speechProbe: SpeechProbe | undefined;
  readonly translationProbe: TranslationProbe | undefined;
  readonly onResult: (result: ProbeResult) => void;
}

/** Asks Azure whether keys work: within `probe_timeout_seconds`, and only so many at a time. */
export class Probes {
  readonly #parts: Parts;
  readonly #gate: ProbeGate;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#gate = new ProbeGate(parts.settings);
  }

  /** Whether keys of the service can be asked about at all. */
  covers(service: Service): boolean {
    return (service === "speech" ? this.#parts.speechProbe : this.#parts.translationProbe) !== undefined;
  }

  /** How many may run at a time. */
  get width(): number {
    return this.#parts.settings.value.maxConcurrentProbes;
  }

  /** The shortest way to learn whether a key works. Throws `probe_unavailable`. */
  tryKey({ service, secret, region }: Pick<Key, "service" | "secret" | "region">): Promise<Probed> {
    return this.#ask({ kind: CHEAPEST[service], secret, region }, {});
  }

  /**
   * Waiting for a place counts against the deadline. Throws `probe_unavailable`, `busy`, and the signal's reason when
   * it is aborted before the probe has begun.
   */
  ask(question: ProbeQuestion, signal?: AbortSignal): Promise<Probed> {
    return this.#ask(question, { signal, mostWaiting: MOST_WAITING });
  }

  async #ask(question: ProbeQuestion, entrance: Entrance): Promise<Probed> {
    const probed = await this.#find(question, entrance);
    const { kind, verdict, durationMs } = probed;
    this.#parts.onResult({ probe: kind, statusCode: verdict.code, source: verdict.source, durationMs });
    return probed;
  }

  async #find(question: ProbeQuestion, entrance: Entrance): Promise<Probed> {
    const probe = this.#probeFor(question);
    const askedAt = this.#parts.clock.now();
    const timeoutMs = this.#parts.settings.value.probeTimeoutMs;
    const entered = await this.#gate.enter(timeoutMs, entrance);
    const startedAt = this.#parts.clock.now();
    if (!entered) return { ...tooLate(question.kind), durationMs: startedAt - askedAt };
    try {
      const leftMs = timeoutMs - (startedAt - askedAt);
      const finding = leftMs > 0 ? await probe(leftMs) : tooLate(question.kind);
      return { ...finding, durationMs: this.#parts.clock.now() - startedAt };
    } finally {
      this.#gate.leave();
    }
  }

  #probeFor(question: ProbeQuestion): (deadlineMs: number) => Promise<ProbeFinding> {
    const { kind, secret, region, text = DEFAULT_TEXT, from, to = DEFAULT_TARGET } = question;
    const target = { secret, region };
    switch (kind) {
      case "synthesis": {
        const speech = available(this.#parts.speechProbe);
        return async (deadlineMs) => ({ kind, ...(await speech.synthesize(target, text, deadlineMs)) });
      }
      case "recognition": {
        const speech = available(this.#parts.speechProbe);
        return async (deadlineMs) => ({ kind, ...(await speech.recognize(target, deadlineMs)) });
      }
      case "translation": {
        const translation = available(this.#parts.translationProbe);
        const request = { text, to, ...(from !== undefined && { from }) };
        return async (deadlineMs) => ({
          kind,
          ...(await translation.translate(target, request, deadlineMs)),
        });
      }
    }
  }
}

/** One line for the log, such as `TTS 200 in 123 ms: the key works`. */
export function noteOf({ kind, verdict, durationMs }: Probed): string {
  return `${NAMES[kind]} ${verdict.code} in ${durationMs} ms: ${verdict.reason}`;
}

function available<P>(probe: P | undefined): P {
  if (probe) return probe;
  throw new DomainError("probe_unavailable", "Keys of this service cannot be tested here");
}

function tooLate(kind: ProbeKind): ProbeFinding {
  const verdict = verdictOf({ kind: "timed-out", stage: "waiting" });
  switch (kind) {
    case "synthesis":
      return { kind, verdict, audioSize: 0 };
    case "recognition":
      return { kind, verdict, transcription: "", recognitionStatus: null, rawResponse: null };
    case "translation":
      return { kind, verdict, translation: null, rawResponse: null };
  }
}
