import type { KeyTestOutcome, Probed, ProbeKind, TestWarning } from "../../../application/index.ts";
import { presentOutcome, type ReportOutcome } from "../keys/key-answers.ts";

/** What Azure said about a key, and what that did to it. */
export interface KeyTestVerdict {
  /** The HTTP status Azure gave. */
  readonly statusCode: number;
  readonly retryAfterSeconds?: number;
  /** Null when the verdict was not applied to a key of the pool; `warning` says why. */
  readonly statusUpdate: (ReportOutcome & { readonly message: string }) | null;
  readonly warning?: string;
}

export interface SynthesisTest extends KeyTestVerdict {
  /** Bytes of speech. */
  readonly audioSize: number;
}

export interface RecognitionTest extends KeyTestVerdict {
  readonly transcription: string;
  readonly recognitionStatus: string | null;
  /** Azure's own answer. */
  readonly rawResponse: unknown;
}

export interface TranslationTest extends KeyTestVerdict {
  readonly translation: string | null;
  /** Azure's own answer. */
  readonly rawResponse: unknown;
}

const WARNINGS: Readonly<Record<TestWarning, string>> = {
  not_registered: "The key is not in the pool, so no status was updated",
  other_region: "The key is in the pool of another region, so no status was updated",
};

export function presentSynthesis(outcome: KeyTestOutcome): SynthesisTest {
  const { audioSize } = findingOf("synthesis", outcome);
  return { ...presentVerdict(outcome), audioSize };
}

export function presentRecognition(outcome: KeyTestOutcome): RecognitionTest {
  const { transcription, recognitionStatus, rawResponse } = findingOf("recognition", outcome);
  return { ...presentVerdict(outcome), transcription, recognitionStatus, rawResponse };
}

export function presentTranslation(outcome: KeyTestOutcome): TranslationTest {
  const { translation, rawResponse } = findingOf("translation", outcome);
  return { ...presentVerdict(outcome), translation, rawResponse };
}

function presentVerdict({ probed, statusUpdate, warning }: KeyTestOutcome): KeyTestVerdict {
  const { code, retryAfterSeconds } = probed.verdict;
  const message = "Status updated successfully";
  return {
    statusCode: code,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    statusUpdate: statusUpdate && { ...presentOutcome(statusUpdate), message },
    ...(warning && { warning: WARNINGS[warning] }),
  };
}

/** A question of one kind is answered by a finding of that kind. */
function findingOf<K extends ProbeKind>(kind: K, { probed }: KeyTestOutcome) {
  if (probed.kind !== kind) throw new Error(`What was asked for is ${kind}, what came is ${probed.kind}`);
  return probed as Extract<Probed, { readonly kind: K }>;
}
