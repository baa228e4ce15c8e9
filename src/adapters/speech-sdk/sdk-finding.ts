import type { SpeechRecognitionResult, SpeechSynthesisResult } from "microsoft-cognitiveservices-speech-sdk";
import type { Sdk } from "./load-sdk.ts";

/** What the SDK's result says by itself. */
export type SdkFinding =
  /** The service did what only a working key makes it do. */
  | { readonly kind: "proof" }
  /** A synthesis that completed without audio. */
  | { readonly kind: "no-audio" }
  /** `code` is the SDK's `CancellationErrorCode` by name. */
  | { readonly kind: "canceled"; readonly code: string }
  | { readonly kind: "nothing" };

export function recognitionFinding(sdk: Sdk, result: SpeechRecognitionResult): SdkFinding {
  const understood =
    result.reason === sdk.ResultReason.RecognizedSpeech ||
    (result.reason === sdk.ResultReason.NoMatch && Boolean(result.json));
  return understood ? { kind: "proof" } : cancellation(sdk, result);
}

export function synthesisFinding(sdk: Sdk, result: SpeechSynthesisResult): SdkFinding {
  if (result.reason !== sdk.ResultReason.SynthesizingAudioCompleted) return cancellation(sdk, result);
  return { kind: result.audioData?.byteLength > 0 ? "proof" : "no-audio" };
}

/** The SDK's error text is left out: it may quote what was sent, and the connection has shown more already. */
function cancellation(sdk: Sdk, result: SpeechRecognitionResult | SpeechSynthesisResult): SdkFinding {
  if (result.reason !== sdk.ResultReason.Canceled) return { kind: "nothing" };
  const { ErrorCode } = sdk.CancellationDetails.fromResult(result);
  return { kind: "canceled", code: sdk.CancellationErrorCode[ErrorCode] };
}
