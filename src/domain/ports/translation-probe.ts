import type { Verdict } from "../verdict.ts";
import type { ProbeTarget } from "./speech-probe.ts";

/** What to translate. */
export interface TranslationRequest {
  readonly text: string;
  /** Source language; detected by Azure when absent. */
  readonly from?: string;
  /** Target language. */
  readonly to: string;
}

/** The result of a translation. */
export interface TranslationOutcome {
  readonly verdict: Verdict;
  /** Null unless the key works. */
  readonly translation: string | null;
  /** Azure's answer as it came, parsed; null when none came. */
  readonly rawResponse: unknown;
}

/** Asks Azure Translator whether a key works, on the same terms as `SpeechProbe`. */
export interface TranslationProbe {
  translate(
    target: ProbeTarget,
    request: TranslationRequest,
    deadlineMs: number,
  ): Promise<TranslationOutcome>;
}
