import {
  type Evidence,
  maskSecretIn,
  type ProbeTarget,
  parseRegion,
  parseRetryAfter,
  type TranslationOutcome,
  type TranslationProbe,
  type TranslationRequest,
  unusableTarget,
  verdictOf,
} from "../../domain/index.ts";
import { boundedText } from "./bounded-text.ts";
import { errorCodeIn, translationIn } from "./translator-answer.ts";
import { translatorUrl } from "./translator-url.ts";

export interface TranslatorRestProbeOptions {
  /** Sends every region there, such as to an emulator; null for Azure itself. May have a path. */
  readonly baseUrl: string | null;
  /** An answer larger than this, in bytes, is no answer; 256 KiB. */
  readonly maxAnswerBytes: number;
}

const DEFAULT_OPTIONS: TranslatorRestProbeOptions = { baseUrl: null, maxAnswerBytes: 256 * 1024 };

/** What one request came to, before it is judged. */
interface Answer {
  readonly evidence: Evidence;
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
    const { evidence, body } = fault
      ? { evidence: fault, body: null }
      : await this.#ask(target, request, deadlineMs);
    const translation = evidence.httpStatus === 200 ? translationIn(body) : null;
    const proven = translation === null ? {} : { proven: true };
    return { verdict: verdictOf({ ...evidence, ...proven }), translation, rawResponse: body };
  }

  async #ask(target: ProbeTarget, request: TranslationRequest, deadlineMs: number): Promise<Answer> {
    const region = parseRegion(target.region);
    const signal = AbortSignal.timeout(deadlineMs);
    let evidence: Evidence = {};
    try {
      const response = await fetch(translatorUrl(region, request, this.#options.baseUrl), {
        method: "POST",
        headers: headersFor(target.secret, region),
        body: JSON.stringify([{ Text: request.text }]),
        redirect: "manual",
        signal,
      });
      evidence = evidenceOf(response);
      const text = await boundedText(response, this.#options.maxAnswerBytes);
      const body = parse(text && maskSecretIn(text, target.secret));
      const translatorCode = errorCodeIn(body);
      return { evidence: translatorCode === undefined ? evidence : { ...evidence, translatorCode }, body };
    } catch (error) {
      return { evidence: faultEvidence(evidence, error, signal.aborted), body: null };
    }
  }
}

function headersFor(secret: string, region: string): Record<string, string> {
  const headers = { "Ocp-Apim-Subscription-Key": secret, "Content-Type": "application/json" };
  return region === "global" ? headers : { ...headers, "Ocp-Apim-Subscription-Region": region };
}

function evidenceOf({ status, headers }: Response): Evidence {
  const retryAfterSeconds = parseRetryAfter(headers.get("retry-after"), Date.now());
  return { httpStatus: status, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) };
}

/** A refusal counts even when its body never came; a success without its body is none. */
function faultEvidence(seen: Evidence, error: unknown, timedOut: boolean): Evidence {
  const { httpStatus } = seen;
  if (httpStatus !== undefined && httpStatus !== 200) return seen;
  if (timedOut) return { timedOut: "answering" };
  // fetch wraps the network's error in one that says nothing.
  const { cause } = error as { cause?: { code?: string } };
  return { errorCode: cause?.code ?? "FETCH_FAILED" };
}

function parse(text: string | undefined): unknown {
  if (text === undefined) return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
