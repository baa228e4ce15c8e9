import type { SpeechRecognitionResult, SpeechSynthesisResult } from "microsoft-cognitiveservices-speech-sdk";
import type { Evidence } from "../../domain/index.ts";
import type { Sdk } from "./load-sdk.ts";

export function recognitionEvidence(sdk: Sdk, result: SpeechRecognitionResult): Evidence {
  const understood =
    result.reason === sdk.ResultReason.RecognizedSpeech ||
    (result.reason === sdk.ResultReason.NoMatch && Boolean(result.json));
  return understood ? { proven: true } : cancellationEvidence(sdk, result);
}

export function synthesisEvidence(sdk: Sdk, result: SpeechSynthesisResult): Evidence {
  if (result.reason !== sdk.ResultReason.SynthesizingAudioCompleted) return cancellationEvidence(sdk, result);
  return result.audioData?.byteLength > 0 ? { proven: true } : { empty: true };
}

/** The SDK's error text is left out: it may quote what was sent, and the wire has told more already. */
function cancellationEvidence(sdk: Sdk, result: SpeechRecognitionResult | SpeechSynthesisResult): Evidence {
  if (result.reason !== sdk.ResultReason.Canceled) return {};
  const { ErrorCode } = sdk.CancellationDetails.fromResult(result);
  return { cancellation: sdk.CancellationErrorCode[ErrorCode] };
}
