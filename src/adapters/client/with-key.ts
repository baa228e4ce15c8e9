import type { AllCooling, HandedOutKey, HandOut, NoKey, ReportOutcome } from "./api-answers.ts";

export interface WithKeyOptions {
  /** How long to wait for a key in all when every key rests, in milliseconds. Default 0: not at all. */
  readonly waitMs?: number;
  /**
   * The HTTP status that Azure gave, read from what the call returned or threw; undefined when none is in
   * it. Default: the `status` of a fetch `Response`, the numeric `status` or `statusCode` of an error; what else
   * is returned holds the caller's own data, whose `status` may mean anything.
   */
  readonly statusOf?: (outcome: unknown) => number | undefined;
}

export type KeyUse<T> =
  | {
      readonly status: "used";
      readonly result: T;
      /** Null when the report was lost, or there was no status to report. */
      readonly report: ReportOutcome | null;
    }
  | AllCooling
  | NoKey;

export interface KeySource {
  handOut(): Promise<HandOut>;
  report(key: HandedOutKey, code: number): Promise<ReportOutcome>;
  /** Told of a report that did not get through. */
  lost(error: unknown): void;
  wait(ms: number): Promise<void>;
}

/** Gets a key, runs the call with it and reports the outcome. What the call throws is reported and thrown on. */
export async function withKey<T>(
  source: KeySource,
  call: (key: HandedOutKey) => Promise<T>,
  { waitMs = 0, statusOf = statusIn }: WithKeyOptions,
): Promise<KeyUse<T>> {
  const handOut = await waitForKey(source, waitMs);
  if (handOut.status !== "handed-out") return handOut;

  const report = async (code: number | undefined): Promise<ReportOutcome | null> => {
    // Without a status Azure has said nothing about the key.
    if (code === undefined || !Number.isInteger(code) || code < 100 || code > 599) return null;
    try {
      return await source.report(handOut.key, code);
    } catch (error) {
      // The call is over and its outcome the caller's; a lost report must not take its place.
      source.lost(error);
      return null;
    }
  };

  let result: T;
  try {
    result = await call(handOut.key);
  } catch (error) {
    await report(statusOf(error));
    throw error;
  }
  return { status: "used", result, report: await report(statusOf(result) ?? 200) };
}

async function waitForKey(source: KeySource, waitMs: number): Promise<HandOut> {
  let leftMs = waitMs;
  for (;;) {
    const handOut = await source.handOut();
    if (handOut.status !== "all-cooling") return handOut;
    const pauseMs = Math.max(handOut.retryAfterSeconds, 1) * 1000;
    if (pauseMs > leftMs) return handOut;
    leftMs -= pauseMs;
    await source.wait(pauseMs);
  }
}

function statusIn(outcome: unknown): number | undefined {
  if (!(outcome instanceof Error || isResponse(outcome))) return undefined;
  const { status, statusCode } = outcome as { readonly status?: unknown; readonly statusCode?: unknown };
  return [status, statusCode].find((code) => typeof code === "number");
}

/** By its tag, for the `Response` of a fetch from a package is of another class than the built-in one. */
function isResponse(outcome: unknown): outcome is object {
  return Object.prototype.toString.call(outcome) === "[object Response]";
}
