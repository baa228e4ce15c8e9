import type { Verdict } from "../verdict.ts";

/** The key to ask about. Need not be one of the pool, nor well-formed. */
export interface ProbeTarget {
  readonly secret: string;
  readonly region: string;
}

/** The result of a synthesis. */
export interface SynthesisOutcome {
  readonly verdict: Verdict;
  /** Audio bytes received, container header not counted; 0 unless the key works. */
  readonly audioSize: number;
}

/** The result of a recognition. */
export interface RecognitionOutcome {
  readonly verdict: Verdict;
  /** What was heard; empty for silence. */
  readonly transcription: string;
  /** Azure's own word for how it went, such as `Success` or `NoMatch`; null when none came. */
  readonly recognitionStatus: string | null;
  /** Azure's answer as it came, parsed; null when none came. */
  readonly rawResponse: unknown;
}

/**
 * Asks Azure Speech whether a key works. Never rejects for what Azure or the network does: that is the
 * verdict. Settles within `deadlineMs` (milliseconds from the call) and leaves nothing open.
 */
export interface SpeechProbe {
  /** Text to speech: synthesizes one short text. */
  synthesize(target: ProbeTarget, text: string, deadlineMs: number): Promise<SynthesisOutcome>;

  /** Speech to text: recognizes a short made-up sound. Silence understood is a working key. */
  recognize(target: ProbeTarget, deadlineMs: number): Promise<RecognitionOutcome>;
}
