import type { CallInfo, CallOutcome, ClientHooks, KeyAttempt, RetryInfo } from "./client-hooks.ts";

/** Hooks whose faults change nothing: they are told on the console. */
export class SafeHooks {
  readonly #hooks: ClientHooks;

  constructor(hooks: ClientHooks = {}) {
    this.#hooks = hooks;
  }

  /** Tells of a request; what it answers tells how that ended. */
  called(call: CallInfo): (outcome: CallOutcome) => void {
    let onEnd: ReturnType<NonNullable<ClientHooks["onCall"]>>;
    tell(() => {
      onEnd = this.#hooks.onCall?.(call);
      return onEnd;
    });
    return (outcome) =>
      tell(() => {
        // What an asynchronous hook answers is a promise.
        return typeof onEnd === "function" ? onEnd(outcome) : undefined;
      });
  }

  retried(retry: RetryInfo): void {
    tell(() => this.#hooks.onRetry?.(retry));
  }

  keyUsed(use: KeyAttempt): void {
    tell(() => this.#hooks.onKeyUsed?.(use));
  }
}

/** Calls what is the caller's own at once, and ends well whatever comes of it. */
export function tell(hook: () => unknown): void {
  // An asynchronous one fails later, and must not be a rejection that nobody handles.
  new Promise((resolve) => resolve(hook())).catch((error: unknown) => {
    console.warn("A hook of the key pool's client failed:", error);
  });
}
