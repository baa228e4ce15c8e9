import type { KeyTestOutcome, Probed, TestWarning } from "../../../application/index.ts";
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

export type KeyTest = SynthesisTest | RecognitionTest | TranslationTest;

const WARNINGS: Readonly<Record<TestWarning, string>> = {
  not_registered: "The key is not in the pool, so no status was updated",
  other_region: "The key is in the pool of another region, so no status was updated",
};

export function presentTest({ probed, statusUpdate, warning }: KeyTestOutcome): KeyTest {
  const { code, retryAfterSeconds } = probed.verdict;
  const updated = statusUpdate && {
    ...presentOutcome(statusUpdate),
    message: "Status updated successfully",
  };
  return {
    statusCode: code,
    ...presentFinding(probed),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    statusUpdate: updated,
    ...(warning && { warning: WARNINGS[warning] }),
  };
}

type Finding<T extends KeyTestVerdict> = Omit<T, keyof KeyTestVerdict>;

// Written out: of fields that are spread into an object, the compiler takes any.
function presentFinding(
  probed: Probed,
): Finding<SynthesisTest> | Finding<RecognitionTest> | Finding<TranslationTest> {
  switch (probed.kind) {
    case "synthesis":
      return { audioSize: probed.audioSize };
    case "recognition": {
      const { transcription, recognitionStatus, rawResponse } = probed;
      return { transcription, recognitionStatus, rawResponse };
    }
    case "translation":
      return { translation: probed.translation, rawResponse: probed.rawResponse };
  }
}
