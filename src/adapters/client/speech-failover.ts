import type { HandedOutKey } from "./api-answers.ts";
import type { PoolChoice } from "./requests.ts";
import { speechCodeIn } from "./speech-code.ts";
import type { KeyCall, WithKeyOptions } from "./with-key.ts";

/** What is used of Microsoft's Speech SDK; the module itself fits. */
export interface SpeechSdk<Config> {
  readonly SpeechConfig: { fromSubscription(key: string, region: string): Config };
}

/** The SDK's `SpeechSynthesizer` fits. */
export interface Synthesizer<Result> extends Closable {
  speakTextAsync(text: string, done: (result: Result) => void, failed: (fault: string) => void): void;
  speakSsmlAsync(ssml: string, done: (result: Result) => void, failed: (fault: string) => void): void;
}

/** The SDK's `SpeechRecognizer` fits. */
export interface Recognizer<Result> extends Closable {
  recognizeOnceAsync(done: (result: Result) => void, failed: (fault: string) => void): void;
}

interface Closable {
  close(done?: () => void, failed?: (fault: string) => void): void;
}

export interface SpeechOptions<Config> extends Omit<WithKeyOptions, "codeOf"> {
  /** Sets language, voice, format and the like; called for each key. */
  readonly configure?: (config: Config, key: HandedOutKey) => void;
  /** How long one try may take, in milliseconds: the SDK itself waits for ever. Default 120,000. */
  readonly tryMs?: number;
}

/** Who has keys, such as a `KeyPoolClient`. */
export interface KeyHolder {
  withKey<T>(pool: PoolChoice, call: KeyCall<T>, options?: WithKeyOptions): Promise<T>;
}

/** A try has taken too long. Nobody knows whether that was the key's fault, so that nothing is reported. */
export class SpeechTimeout extends Error {
  override readonly name = "SpeechTimeout";

  constructor(tryMs: number) {
    super(`The Speech SDK gave no result within ${tryMs} ms`);
  }
}

/**
 * Speaks and recognizes with keys of a pool: each try has a key and a config of its own, what Azure said is reported, and
 * a refused key is followed by another, as `withKey` does it. Results are the SDK's own; one that was canceled for another
 * reason than the key is answered as it is.
 *
 * With Node's own WebSocket the SDK cannot tell why a connection was refused. Set `forceNpmWebSocket` of its
 * `WebsocketMessageAdapter`, so that it can.
 */
export class SpeechFailover<Config extends { setProperty(name: string, value: string): void }> {
  readonly #keys: KeyHolder;
  readonly #sdk: SpeechSdk<Config>;
  readonly #pool: PoolChoice;
  readonly #options: SpeechOptions<Config>;

  constructor(
    keys: KeyHolder,
    sdk: SpeechSdk<Config>,
    pool: Omit<PoolChoice, "service">,
    options: SpeechOptions<Config> = {},
  ) {
    this.#keys = keys;
    this.#sdk = sdk;
    this.#pool = { ...pool, service: "speech" };
    this.#options = options;
  }

  /** Anything else that is done with a config. What it returns is read as a result of the SDK. */
  use<Result>(work: (config: Config, signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const { configure, tryMs: _, ...options } = this.#options;
    const call: KeyCall<Result> = (key, signal) => {
      const config = this.#sdk.SpeechConfig.fromSubscription(key.key, key.region);
      // The SDK would ask five times with the same key, without a pause.
      config.setProperty("SPEECH-Error-MaxRetryCount", "0");
      configure?.(config, key);
      return work(config, signal);
    };
    return this.#keys.withKey(this.#pool, call, { ...options, codeOf: speechCodeIn });
  }

  /** `make` is called for each key, such as `(config) => new sdk.SpeechSynthesizer(config, null)`. */
  speak<Result>(text: string, make: (config: Config) => Synthesizer<Result>): Promise<Result> {
    return this.#open(make, (synthesizer, ...ends) => synthesizer.speakTextAsync(text, ...ends));
  }

  /** The same for SSML. */
  speakSsml<Result>(ssml: string, make: (config: Config) => Synthesizer<Result>): Promise<Result> {
    return this.#open(make, (synthesizer, ...ends) => synthesizer.speakSsmlAsync(ssml, ...ends));
  }

  /** `make` is called for each key, and has to open the audio from its beginning. */
  recognizeOnce<Result>(make: (config: Config) => Recognizer<Result>): Promise<Result> {
    return this.#open(make, (recognizer, ...ends) => recognizer.recognizeOnceAsync(...ends));
  }

  #open<Part extends Closable, Result>(
    make: (config: Config) => Part,
    start: (part: Part, done: (result: Result) => void, failed: (fault: string) => void) => void,
  ): Promise<Result> {
    const { tryMs = 120_000 } = this.#options;
    return this.use(async (config, signal) => {
      const part = make(config);
      const { promise, resolve, reject } = Promise.withResolvers<Result>();
      const timer = setTimeout(() => reject(new SpeechTimeout(tryMs)), tryMs);
      const onAbort = () => reject(signal.reason);
      signal.addEventListener("abort", onAbort, { once: true });
      try {
        start(part, resolve, (fault) => reject(new Error(fault)));
        return await promise;
      } finally {
        clearTimeout(timer);
        signal.removeEventListener("abort", onAbort);
        // It may refuse what it has ended already, and need not be waited for.
        part.close(ignore, ignore);
      }
    });
  }
}

function ignore(): void {}
