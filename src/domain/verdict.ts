import type { Evidence, LocalFault, Refusal, Stage, Unreachable } from "./evidence.ts";

/** Who a probe's code comes from. Only what the service itself said may change a key. */
export type VerdictSource = "service" | "transport" | "local";

/** The result of asking Azure about a key, as a status code. */
export interface Verdict {
  /** 2xx: the key works. Otherwise the service's code, or the nearest HTTP code for a fault on the way. */
  readonly code: number;
  readonly source: VerdictSource;
  /** For people and the log; never holds a secret or a URL. */
  readonly reason: string;
  /** How long the service asked to wait, in seconds, when it did. */
  readonly retryAfterSeconds?: number;
}

/** The reason of a 403 that lasts until the month ends: the key is good, its free quota is used up. */
export const QUOTA_SPENT = "quota_spent: the free quota of this month is used up";

/** The reason of Translator's 401 for a key that belongs to another service. */
export const NOT_A_TRANSLATOR_KEY = "the key is a Speech key, not a Translator key";

/**
 * Judges what a probe saw. Reasons are made of fixed words, numbers and error codes only, so that no text
 * from the wire can carry a secret into them.
 */
export function verdictOf(evidence: Evidence): Verdict {
  switch (evidence.kind) {
    case "works":
      return of(200, "service", "the key works");
    case "answered":
      return ofAnswer(evidence);
    case "refused":
      return withWait(REFUSALS[evidence.refusal], evidence);
    case "closed":
      return ofClose(evidence.code, evidence.reason);
    case "empty":
      return of(502, "transport", "the service finished without a result");
    case "timed-out":
      return of(504, "transport", TIMED_OUT[evidence.stage]);
    case "unreachable":
      return of(UNREACHABLE_STATUSES[evidence.why], "transport", unreachable(evidence.detail));
    case "not-asked":
      return LOCAL_FAULTS[evidence.fault];
    case "unexplained":
      return of(500, "local", "the probe ended for a reason it does not know");
  }
}

const LOCAL_FAULTS: Readonly<Record<LocalFault, Verdict>> = {
  "unusable-key": of(400, "local", "the key cannot be sent in a header"),
  "unusable-region": of(400, "local", "the region cannot be part of a host name"),
  "unusable-request": of(400, "local", "the request could not be made"),
  "broken-client": of(500, "local", "the client failed before it asked the service"),
};

const TIMED_OUT: Readonly<Record<Stage, string>> = {
  waiting: "too many other probes were running to start within the deadline",
  connecting: "no connection within the deadline",
  answering: "no answer within the deadline",
};

const STATUS_REASONS: ReadonlyMap<number, string> = new Map([
  [400, "the service found the request wrong"],
  [401, "the service rejected the key"],
  [403, "the service forbade the key"],
  [404, "the service does not know the resource"],
  [429, "the service throttles the key"],
]);

const REFUSALS: Readonly<Record<Refusal, Verdict>> = {
  throttled: fromService(429, "too many parallel requests"),
  "quota-spent": of(403, "service", QUOTA_SPENT),
  unauthorized: fromService(401, "authentication failure"),
  "key-of-another-service": of(401, "service", NOT_A_TRANSLATOR_KEY),
  "bad-request": fromService(400, "bad request parameters"),
  failed: fromService(500, "service error"),
};

function ofAnswer(answer: Extract<Evidence, { kind: "answered" }>): Verdict {
  const { status, serviceCode } = answer;
  if (status < 400 || status > 599) return of(502, "transport", `unexpected HTTP status ${status}`);
  const detail = serviceCode === undefined ? "" : `, code ${serviceCode}`;
  return withWait(fromService(status, `HTTP ${status}${detail}`), answer);
}

// Azure says throttling in words, under codes that mean something else.
const THROTTLED =
  /quota exceeded|throttl|too many requests|exceeded the concurrent|ResourceExhausted.*\brate\b/i;

const CLOSE_STATUSES: ReadonlyMap<number, number> = new Map([
  [1001, 503],
  [1003, 400],
  [1007, 400],
  [1009, 400],
  [1011, 500],
  [1012, 503],
  [1013, 503],
  [4401, 401],
  [4403, 403],
  [4404, 404],
  [4429, 429],
]);

/** Close codes that say nothing about the key. */
const MEANINGLESS_CLOSES = new Set([1000, 1005, 1006, 1015]);

function ofClose(code: number, reason: string): Verdict {
  if (THROTTLED.test(reason)) return fromService(429, `close ${code}`);
  if (MEANINGLESS_CLOSES.has(code)) return of(502, "transport", `closed without an answer (close ${code})`);
  return fromService(CLOSE_STATUSES.get(code) ?? 500, `close ${code}`);
}

const UNREACHABLE_STATUSES: Readonly<Record<Unreachable, number>> = {
  refused: 503,
  "no-route": 503,
  "timed-out": 504,
  // No 404: a resolver that is away would otherwise disable every key.
  unresolved: 502,
  broken: 502,
};

function unreachable(detail: string | undefined): string {
  if (detail === undefined) return "the connection failed";
  const shown = /^[A-Z][A-Z0-9_]{1,60}$/.test(detail) ? detail : "unknown error";
  return `could not reach the service (${shown})`;
}

function fromService(code: number, detail: string): Verdict {
  return of(code, "service", `${STATUS_REASONS.get(code) ?? "the service failed"} (${detail})`);
}

function of(code: number, source: VerdictSource, reason: string): Verdict {
  return { code, source, reason };
}

function withWait(verdict: Verdict, { retryAfterSeconds }: { readonly retryAfterSeconds?: number }): Verdict {
  return retryAfterSeconds === undefined ? verdict : { ...verdict, retryAfterSeconds };
}
