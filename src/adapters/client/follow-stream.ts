import { ApiError } from "./api-error.ts";
import { type ServerMessage, ServerMessages } from "./server-messages.ts";
import type { Wait } from "./wait.ts";

export interface StreamSource {
  /** Pieces of the stream behind the message of this id; attempts count from 1. Throws `ApiError`. */
  open(lastId: string | undefined, signal: AbortSignal, attempt: number): Promise<AsyncIterable<string>>;
  /** The pause after so many failures in a row, the last of which may be known; see `backoffMs`. */
  backoffMs(failures: number, error: ApiError | undefined, firstMs: number): number;
  /** Told before the pause that follows an attempt. */
  retried(attempt: number, error: ApiError, delayMs: number): void;
  readonly wait: Wait;
  /** Whether it is tried again from the first connection on, or only once there has been one. */
  readonly isPatient: boolean;
  /** How long the stream may be silent; the server sends a comment every 15 seconds. */
  readonly silenceMs: number;
}

/** Each connection begins with `opened`, which says whether it goes on where the last ended. */
export type StreamItem =
  | { readonly kind: "opened"; readonly goesOn: boolean }
  | { readonly kind: "message"; readonly message: ServerMessage };

/**
 * So often somebody else than the API may answer before it ever has, as a proxy does while its server is on the way. More
 * is a wrong address.
 */
const STRANGE_ANSWERS = 4;

/**
 * What a stream tells, for as long as it is iterated and `signal` is not aborted. A connection that ends, is lost or falls
 * silent is made again. Thrown is a refusal of the pool that will not pass by itself, such as `unauthorized`, and before
 * the first connection an answer of somebody else that has come too often.
 */
export async function* followStream(
  { open, backoffMs, retried, wait, isPatient, silenceMs }: StreamSource,
  lastId: string | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<StreamItem, void> {
  const messages = new ServerMessages(lastId);
  let failures = 0;
  let triesAgain = isPatient;
  let strangeAnswersLeft = STRANGE_ANSWERS;
  while (!signal?.aborted) {
    const silence = new AbortController();
    let timer = setTimeout(() => silence.abort(), silenceMs);
    let fault: ApiError | undefined;
    try {
      const over = signal ? AbortSignal.any([signal, silence.signal]) : silence.signal;
      messages.begin();
      const pieces = await open(messages.lastId, over, failures + 1);
      triesAgain = true;
      // It has been the API once: whoever else answers now does so in its place.
      strangeAnswersLeft = Number.POSITIVE_INFINITY;
      yield { kind: "opened", goesOn: messages.lastId !== undefined };
      for await (const piece of pieces) {
        failures = 0;
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), silenceMs);
        for (const message of messages.take(piece)) yield { kind: "message", message };
      }
    } catch (error) {
      if (signal?.aborted) return;
      if (!(triesAgain && error instanceof ApiError)) throw error;
      const isStrange = error.code === "unexpected_answer" && strangeAnswersLeft > 0;
      if (!error.isPassing && !isStrange) throw error;
      if (!error.isPassing) strangeAnswersLeft--;
      fault = error;
    } finally {
      clearTimeout(timer);
      // Ends the connection when it is not iterated to its end.
      silence.abort();
    }
    if (signal?.aborted) return;
    failures++;
    const delayMs = backoffMs(failures, fault, messages.retryMs);
    retried(failures, fault ?? new ApiError("unreachable", "The stream of the key pool has ended"), delayMs);
    await wait(delayMs, signal);
  }
}
