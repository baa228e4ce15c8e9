/** What a request meets once scripts and quotas have been worked out. */
export type Behaviour =
  | Works
  | Refuse
  /** The request, or the handshake, is never answered. */
  | { readonly kind: "unanswered" }
  /** The WebSocket is accepted and nothing else is sent. REST: as `unanswered`. */
  | { readonly kind: "silent" }
  /** The socket is destroyed, before the answer or once the WebSocket is accepted. REST: before the answer. */
  | { readonly kind: "drop"; readonly when: "handshake" | "accepted" }
  | Close
  /**
   * Speech recognition ends with this `RecognitionStatus`, such as `NoMatch`, `InitialSilenceTimeout`,
   * `BabbleTimeout`, `TooManyRequests`, `Forbidden`, `Error` or `BadRequest`. Other requests: as `works`.
   */
  | { readonly kind: "phrase"; readonly status: string }
  /** Everything comes but `turn.end`. REST: as `unanswered`. */
  | { readonly kind: "no-turn-end" }
  /** Synthesis completes without audio. Other requests: as `works`. */
  | { readonly kind: "no-audio" };

/** How the emulator treats the requests made with one key. */
export type Scenario = Behaviour | Quota | Script;

export interface Works {
  readonly kind: "works";
  /** Milliseconds from the complete question to the answer; 0. */
  readonly delayMs?: number;
  /** What recognition hears; "Hello." */
  readonly transcription?: string;
  /** Bytes of audio that synthesis makes; 3200. */
  readonly audioBytes?: number;
}

export interface Refuse {
  readonly kind: "refuse";
  /** HTTP status of the refused upgrade or REST answer. */
  readonly status: number;
  /** Sent as `Retry-After`, in seconds. */
  readonly retryAfterSeconds?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds until the refusal; 0. */
  readonly delayMs?: number;
  /** JSON body; an error in the words of the service asked, when absent. */
  readonly body?: unknown;
}

export interface Close {
  readonly kind: "close";
  /** 1000-1014 except 1004-1006, or 3000-4999; use `drop` for an end without a close frame. */
  readonly code: number;
  /** At most 123 bytes. */
  readonly reason?: string;
  /** At once, after `turn.start`, or when all audio has been heard or sent. REST: the socket is destroyed. */
  readonly when: "accepted" | "turn-start" | "audio";
}

/** Works within limits and answers 429 beyond them, each key by itself. An absent limit is none. */
export interface Quota {
  readonly kind: "quota";
  readonly concurrentRecognitions?: number;
  readonly synthesesPerMinute?: number;
  readonly synthesesPerSecond?: number;
  /** Of text to translate. */
  readonly charactersPerMinute?: number;
  /** Whether the 429 has a `Retry-After`; false, as Azure promises none. */
  readonly retryAfter?: boolean;
}

/** One scenario per request, in order; the last one stays. */
export interface Script {
  readonly kind: "script";
  readonly steps: readonly Scenario[];
}

export const WORKS: Works = { kind: "works" };

/** A key that Azure does not know. */
export const REJECTED: Refuse = { kind: "refuse", status: 401 };

/** The limits of a free resource. */
export const F0: Quota = {
  kind: "quota",
  concurrentRecognitions: 1,
  synthesesPerMinute: 20,
  charactersPerMinute: 33_300,
};

/** The limits of a standard resource as it is created. */
export const S0: Quota = {
  kind: "quota",
  concurrentRecognitions: 100,
  synthesesPerSecond: 200,
  charactersPerMinute: 666_600,
};

/** Throws a RangeError for a scenario that could not be played. */
export function checkScenario(scenario: Scenario): void {
  if (scenario.kind === "script") {
    if (scenario.steps.length === 0) throw new RangeError("a script needs at least one step");
    for (const step of scenario.steps) checkScenario(step);
  }
  if (scenario.kind === "close" && !isSendable(scenario.code)) {
    throw new RangeError(`close code ${scenario.code} cannot be sent`);
  }
  if (scenario.kind === "close" && Buffer.byteLength(scenario.reason ?? "") > 123) {
    throw new RangeError("a close reason has at most 123 bytes");
  }
  if (scenario.kind === "refuse" && !(scenario.status >= 200 && scenario.status <= 999)) {
    throw new RangeError(`status ${scenario.status} cannot refuse`);
  }
}

function isSendable(code: number): boolean {
  return (code >= 1000 && code <= 1014 && !(code >= 1004 && code <= 1006)) || (code >= 3000 && code <= 4999);
}
