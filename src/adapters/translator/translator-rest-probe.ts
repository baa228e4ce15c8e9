import {
  type Evidence,
  maskSecretIn,
  type ProbeTarget,
  parseRegion,
  type TranslationOutcome,
  type TranslationProbe,
  type TranslationRequest,
  unusableTarget,
  verdictOf,
} from "../../domain/index.ts";
import { boundedText } from "./bounded-text.ts";
import { networkFault } from "./network-fault.ts";
import { translationIn } from "./translator-answer.ts";
import { answerEvidence } from "./translator-evidence.ts";
import { translatorUrl } from "./translator-url.ts";

export interface TranslatorRestProbeOptions {
  /** Sends every region there, such as to an emulator; null for Azure itself. May have a path. */
  readonly baseUrl: string | null;
  /** An answer larger than this, in bytes, is no answer; 256 KiB. */
  readonly maxAnswerBytes: number;
}

const DEFAULT_OPTIONS: TranslatorRestProbeOptions = { baseUrl: null, maxAnswerBytes: 256 * 1024 };

/** The result of one request, before it is judged. */
interface Answer {
  readonly evidence: Evidence;
  readonly translation: string | null;
  /** Parsed; null when there is none, or it is no JSON. */
  readonly body: unknown;
}

/** Asks Azure Translator over its REST API, version 3.0. */
export class TranslatorRestProbe implements TranslationProbe {
  readonly #options: TranslatorRestProbeOptions;

  /** Throws a TypeError for an unusable base URL. */
  constructor(options: Partial<TranslatorRestProbeOptions> = {}) {
    this.#options = { ...DEFAULT_OPTIONS, ...options };
    const { baseUrl } = this.#options;
    if (baseUrl !== null && !/^https?:$/.test(new URL(baseUrl).protocol)) {
      throw new TypeError("the Translator base URL must be http or https");
    }
  }

  async translate(
    target: ProbeTarget,
    request: TranslationRequest,
    deadlineMs: number,
  ): Promise<TranslationOutcome> {
    const fault = unusableTarget(target);
    const answer = fault ? without(fault) : await this.#ask(target, request, deadlineMs);
    return {
      verdict: verdictOf(answer.evidence),
      translation: answer.translation,
      rawResponse: answer.body,
    };
  }

  async #ask(target: ProbeTarget, request: TranslationRequest, deadlineMs: number): Promise<Answer> {
    const region = parseRegion(target.region);
    const signal = AbortSignal.timeout(deadlineMs);
    let response: Response | undefined;
    try {
      response = await fetch(translatorUrl(region, request, this.#options.baseUrl), {
        method: "POST",
        headers: headersFor(target.secret, region),
        body: JSON.stringify([{ Text: request.text }]),
        redirect: "manual",
        signal,
      });
      const text = await boundedText(response, this.#options.maxAnswerBytes);
      const body = parse(text && maskSecretIn(text, target.secret));
      const translation = response.status === 200 ? translationIn(body) : null;
      const evidence: Evidence = translation === null ? answerEvidence(response, body) : { kind: "works" };
      return { evidence, translation, body };
    } catch (error) {
      // A refusal counts even when its body never came; a success without its body is none.
      if (response && response.status !== 200) return without(answerEvidence(response, null));
      return without(signal.aborted ? { kind: "timed-out", stage: "answering" } : networkFault(error));
    }
  }
}

function without(evidence: Evidence): Answer {
  return { evidence, translation: null, body: null };
}

function headersFor(secret: string, region: string): Record<string, string> {
  const headers = { "Ocp-Apim-Subscription-Key": secret, "Content-Type": "application/json" };
  return region === "global" ? headers : { ...headers, "Ocp-Apim-Subscription-Region": region };
}

function parse(text: string | undefined): unknown {
  if (text === undefined) return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
