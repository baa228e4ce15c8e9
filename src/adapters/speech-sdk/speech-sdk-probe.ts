import type {
  SpeechConfig,
  SpeechRecognitionResult,
  SpeechSynthesisResult,
} from "microsoft-cognitiveservices-speech-sdk";
import {
  type ProbeTarget,
  parseRegion,
  type RecognitionOutcome,
  type SpeechProbe,
  type SynthesisOutcome,
  unusableTarget,
  verdictOf,
} from "../../domain/index.ts";
import { type Conversation, converse } from "./conversation.ts";
import { loadSdk, type Sdk } from "./load-sdk.ts";
import { madeUpSound } from "./made-up-sound.ts";
import { PhraseNote } from "./phrase-note.ts";
import { recognitionFinding, synthesisFinding } from "./sdk-finding.ts";
import { speechEvidence } from "./speech-evidence.ts";
import { checkBaseUrl, speechHost } from "./speech-host.ts";

export interface SpeechSdkProbeOptions {
  /** Sends every region there, such as to an emulator; null for Azure itself. Scheme, host and port only. */
  readonly baseUrl: string | null;
  /** Language that recognition listens for; en-US. */
  readonly language: string;
  /** Voice that synthesis speaks with; null for the SDK's choice, which speaks many languages. */
  readonly voice: string | null;
}

const DEFAULT_OPTIONS: SpeechSdkProbeOptions = { baseUrl: null, language: "en-US", voice: null };

/**
 * Asks Azure Speech through Microsoft's SDK, as its users do, but with one connection for each probe and a
 * deadline for everything. Probing turns off the SDK's telemetry and its use of Node's own WebSocket for the
 * whole process. Rejects only when the SDK is not installed.
 */
export class SpeechSdkProbe implements SpeechProbe {
  readonly #options: SpeechSdkProbeOptions;
  readonly #sound = madeUpSound();

  /** Throws a TypeError for an unusable base URL. */
  constructor(options: Partial<SpeechSdkProbeOptions> = {}) {
    this.#options = { ...DEFAULT_OPTIONS, ...options };
    if (this.#options.baseUrl !== null) checkBaseUrl(this.#options.baseUrl);
  }

  async synthesize(target: ProbeTarget, text: string, deadlineMs: number): Promise<SynthesisOutcome> {
    const deadlineAt = performance.now() + deadlineMs;
    const fault = unusableTarget(target);
    if (fault) return { verdict: verdictOf(fault), audioSize: 0 };
    const sdk = await loadSdk();
    const ending = await converse(deadlineAt, () => this.#openSynthesis(sdk, target, text));
    const finding = ending.result && synthesisFinding(sdk, ending.result);
    const audioSize = finding?.kind === "proof" ? (ending.result?.audioData.byteLength ?? 0) : 0;
    return { verdict: verdictOf(speechEvidence({ ...ending, finding })), audioSize };
  }

  async recognize(target: ProbeTarget, deadlineMs: number): Promise<RecognitionOutcome> {
    const deadlineAt = performance.now() + deadlineMs;
    const nothing = { transcription: "", recognitionStatus: null, rawResponse: null };
    const fault = unusableTarget(target);
    if (fault) return { verdict: verdictOf(fault), ...nothing };
    const sdk = await loadSdk();
    const phrase = new PhraseNote();
    const ending = await converse(deadlineAt, () => this.#openRecognition(sdk, target, phrase));
    const finding = ending.result && recognitionFinding(sdk, ending.result);
    const { rawResponse, status: recognitionStatus } = phrase.read(target.secret);
    return {
      verdict: verdictOf(speechEvidence({ ...ending, finding, phraseStatus: recognitionStatus })),
      transcription: finding?.kind === "proof" ? (ending.result?.text ?? "") : "",
      recognitionStatus,
      rawResponse,
    };
  }

  #openSynthesis(sdk: Sdk, target: ProbeTarget, text: string): Conversation<SpeechSynthesisResult> {
    const config = this.#configFor(sdk, "tts", target);
    // A format without a container, so that every byte is audio.
    config.speechSynthesisOutputFormat = sdk.SpeechSynthesisOutputFormat.Audio16Khz32KBitRateMonoMp3;
    if (this.#options.voice !== null) config.speechSynthesisVoiceName = this.#options.voice;
    const synthesizer = new sdk.SpeechSynthesizer(config, null);
    return {
      result: new Promise((resolve, reject) => synthesizer.speakTextAsync(text, resolve, reject)),
      close: (done) => synthesizer.close(done, done),
    };
  }

  #openRecognition(sdk: Sdk, target: ProbeTarget, phrase: PhraseNote): Conversation<SpeechRecognitionResult> {
    const config = this.#configFor(sdk, "stt", target);
    config.speechRecognitionLanguage = this.#options.language;
    config.outputFormat = sdk.OutputFormat.Detailed;
    const audio = sdk.AudioConfig.fromWavFileInput(this.#sound);
    const recognizer = new sdk.SpeechRecognizer(config, audio);
    const connection = sdk.Connection.fromRecognizer(recognizer);
    connection.messageReceived = ({ message }) => {
      if (message.isTextMessage) phrase.hear(message.path, message.TextMessage);
    };
    return {
      result: new Promise((resolve, reject) => recognizer.recognizeOnceAsync(resolve, reject)),
      close: (done) => recognizer.close(done, done),
    };
  }

  #configFor(sdk: Sdk, kind: "stt" | "tts", { secret, region }: ProbeTarget): SpeechConfig {
    const config = sdk.SpeechConfig.fromSubscription(secret, region);
    const host = speechHost(kind, parseRegion(region), this.#options.baseUrl);
    config.setProperty(sdk.PropertyId.SpeechServiceConnection_Host, host);
    config.setProperty("SPEECH-Error-MaxRetryCount", "0");
    return config;
  }
}
