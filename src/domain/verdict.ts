import type { Evidence, LocalFault } from "./evidence.ts";

/** Who a probe's code comes from. Only what the service itself said may change a key. */
export type VerdictSource = "service" | "transport" | "local";

/** What asking Azure came to, as a status code. */
export interface Verdict {
  /** 2xx: the key works. Otherwise the service's code, or the nearest HTTP code for a fault on the way. */
  readonly code: number;
  readonly source: VerdictSource;
  /** For people and the log; never holds a secret or a URL. */
  readonly reason: string;
  /** What the service asked to wait, in seconds, when it did. */
  readonly retryAfterSeconds?: number;
}

/** The reason of a 403 that lasts until the month ends: the key is good, its free quota is used up. */
export const QUOTA_SPENT = "quota_spent: the free quota of this month is used up";

/** The reason of Translator's 401 for a key that belongs to another service. */
export const NOT_A_TRANSLATOR_KEY = "the key is a Speech key, not a Translator key";

/**
 * Weighs what a probe saw. The first row that knows the evidence decides; reasons are made of fixed words,
 * numbers and error codes only, so that no text from the wire can carry a secret into them.
 */
export function verdictOf(evidence: Evidence): Verdict {
  for (const row of ROWS) {
    const verdict = row(evidence);
    if (verdict) return withRetryAfter(verdict, evidence);
  }
  return of(500, "local", "the probe ended for a reason it does not know");
}

/** Answers nothing when it does not know the evidence. */
type Row = (evidence: Evidence) => Verdict | undefined | false | "";

const ROWS: readonly Row[] = [
  ({ local }) => local && of(...LOCAL_FAULTS[local]),
  ({ proven }) => proven && of(200, "service", "the key works"),
  ({ httpStatus, translatorCode }) => ofAnswer(httpStatus, translatorCode),
  ({ phraseStatus }) => phraseStatus && ofPhrase(phraseStatus),
  ({ close }) => close && ofClose(close.code, close.reason),
  ({ cancellation }) => cancellation && CANCELLATIONS[cancellation],
  ({ empty }) => empty && of(502, "transport", "the service finished without a result"),
  ({ timedOut }) => timedOut && of(504, "transport", TIMED_OUT[timedOut]),
  ({ errorCode }) => errorCode && ofError(errorCode),
  ({ cancellation }) => LOST.has(cancellation ?? "") && of(502, "transport", "the connection failed"),
];

/** What the SDK says when it cannot connect, or can no longer send. */
const LOST = new Set(["ConnectionFailure", "RuntimeError"]);

const LOCAL_FAULTS: Readonly<Record<LocalFault, readonly [number, VerdictSource, string]>> = {
  unusable_key: [400, "local", "the key cannot be sent in a header"],
  unusable_region: [400, "local", "the region cannot be part of a host name"],
  unusable_request: [400, "local", "the request could not be made"],
  broken_client: [500, "local", "the client failed before it asked the service"],
};

const TIMED_OUT = {
  waiting: "too many other probes were running to start within the deadline",
  connecting: "no connection within the deadline",
  answering: "no answer within the deadline",
} as const;

const STATUS_REASONS: Readonly<Record<number, string>> = {
  400: "the service found the request wrong",
  401: "the service rejected the key",
  403: "the service forbade the key",
  404: "the service does not know the resource",
  429: "the service throttles the key",
};

function ofAnswer(status: number | undefined, translatorCode: number | undefined): Verdict | undefined {
  if (status === undefined || status === 101) return undefined;
  if (status < 400 || status > 599) return of(502, "transport", `unexpected HTTP status ${status}`);
  if (status === 403 && translatorCode === 403001) return of(403, "service", QUOTA_SPENT);
  if (status === 401 && translatorCode === 401015) return of(401, "service", NOT_A_TRANSLATOR_KEY);
  const detail = translatorCode === undefined ? "" : `, code ${translatorCode}`;
  return fromService(status, `HTTP ${status}${detail}`);
}

/** Statuses that do not end in failure are left to whatever ended the probe. */
function ofPhrase(status: string): Verdict | undefined {
  if (INCONCLUSIVE_PHRASES.has(status)) return undefined;
  return CANCELLATIONS[PHRASE_CANCELLATIONS[status] ?? "ServiceError"];
}

const INCONCLUSIVE_PHRASES = new Set([
  "Success",
  "NoMatch",
  "InitialSilenceTimeout",
  "BabbleTimeout",
  "EndOfDictation",
]);

const PHRASE_CANCELLATIONS: Readonly<Record<string, string>> = {
  TooManyRequests: "TooManyRequests",
  Forbidden: "Forbidden",
  BadRequest: "BadRequestParameters",
};

const CANCELLATIONS: Readonly<Record<string, Verdict>> = {
  TooManyRequests: fromService(429, "too many parallel requests"),
  Forbidden: of(403, "service", QUOTA_SPENT),
  AuthenticationFailure: fromService(401, "authentication failure"),
  BadRequestParameters: fromService(400, "bad request parameters"),
  ServiceError: fromService(500, "service error"),
  ServiceTimeout: of(504, "transport", TIMED_OUT.answering),
};

// Azure says throttling in words, under codes that mean something else.
const THROTTLED =
  /quota exceeded|throttl|too many requests|exceeded the concurrent|ResourceExhausted.*\brate\b/i;

const CLOSE_STATUSES: Readonly<Record<number, number>> = {
  1001: 503,
  1003: 400,
  1007: 400,
  1009: 400,
  1011: 500,
  1012: 503,
  1013: 503,
  4401: 401,
  4403: 403,
  4404: 404,
  4429: 429,
};

/** Codes that no close frame with a meaning for the key can bear. */
const MEANINGLESS_CLOSES = new Set([1000, 1005, 1006, 1015]);

function ofClose(code: number, reason: string): Verdict {
  if (THROTTLED.test(reason)) return fromService(429, `close ${code}`);
  if (MEANINGLESS_CLOSES.has(code)) return of(502, "transport", `closed without an answer (close ${code})`);
  return fromService(CLOSE_STATUSES[code] ?? 500, `close ${code}`);
}

// ENOTFOUND is no 404: a resolver that is away would otherwise retire every key.
const ERROR_STATUSES: Readonly<Record<string, number>> = {
  ECONNREFUSED: 503,
  EHOSTUNREACH: 503,
  ENETUNREACH: 503,
  ETIMEDOUT: 504,
  UND_ERR_CONNECT_TIMEOUT: 504,
  UND_ERR_HEADERS_TIMEOUT: 504,
  UND_ERR_BODY_TIMEOUT: 504,
};

const LOCAL_ERRORS = new Set(["ERR_INVALID_CHAR", "ERR_UNESCAPED_CHARACTERS", "ERR_INVALID_URL"]);

function ofError(errorCode: string): Verdict {
  if (LOCAL_ERRORS.has(errorCode)) return of(...LOCAL_FAULTS.unusable_request);
  const shown = /^[A-Z][A-Z0-9_]{1,60}$/.test(errorCode) ? errorCode : "unknown error";
  return of(ERROR_STATUSES[errorCode] ?? 502, "transport", `could not reach the service (${shown})`);
}

function fromService(code: number, detail: string): Verdict {
  return of(code, "service", `${STATUS_REASONS[code] ?? "the service failed"} (${detail})`);
}

function of(code: number, source: VerdictSource, reason: string): Verdict {
  return { code, source, reason };
}

function withRetryAfter(verdict: Verdict, { retryAfterSeconds }: Evidence): Verdict {
  if (verdict.source !== "service" || retryAfterSeconds === undefined) return verdict;
  return { ...verdict, retryAfterSeconds };
}
