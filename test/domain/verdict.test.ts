import { describe, expect, it } from "vitest";
import {
  type Evidence,
  NOT_A_TRANSLATOR_KEY,
  parseRetryAfter,
  QUOTA_SPENT,
  unusableTarget,
  type VerdictSource,
  verdictOf,
} from "../../src/domain/index.ts";

type Case = readonly [name: string, evidence: Evidence, code: number, source: VerdictSource];

const FROM_SERVICE = [400, 401, 403, 404, 408, 429, 500, 502, 503, 599] as const;

const CASES: readonly Case[] = [
  ["proof that the key works", { proven: true, httpStatus: 101 }, 200, "service"],
  ["proof in an HTTP answer", { proven: true, httpStatus: 200 }, 200, "service"],
  ...FROM_SERVICE.map((status): Case => [`HTTP ${status}`, { httpStatus: status }, status, "service"]),
  ...[200, 204, 301, 302, 307, 600, 999].map(
    (status): Case => [`HTTP ${status} where it means nothing`, { httpStatus: status }, 502, "transport"],
  ),
  ["a status that came before the deadline", { httpStatus: 401, timedOut: "answering" }, 401, "service"],
  ["a status, and the fault of reading on", { httpStatus: 429, errorCode: "ECONNRESET" }, 429, "service"],
  ["translator: key missing or wrong", { httpStatus: 401, translatorCode: 401000 }, 401, "service"],
  ["translator: a Speech key", { httpStatus: 401, translatorCode: 401015 }, 401, "service"],
  ["translator: not allowed", { httpStatus: 403, translatorCode: 403000 }, 403, "service"],
  ["translator: quota spent", { httpStatus: 403, translatorCode: 403001 }, 403, "service"],
  ["translator: limits", { httpStatus: 429, translatorCode: 429002 }, 429, "service"],
  ["phrase TooManyRequests", { httpStatus: 101, phraseStatus: "TooManyRequests" }, 429, "service"],
  ["phrase Forbidden", { httpStatus: 101, phraseStatus: "Forbidden" }, 403, "service"],
  ["phrase BadRequest", { phraseStatus: "BadRequest", cancellation: "ServiceError" }, 400, "service"],
  ["phrase Error", { phraseStatus: "Error" }, 500, "service"],
  ["a phrase status nobody knows", { phraseStatus: "Sunspots", cancellation: "NoError" }, 500, "service"],
  [
    "a good phrase whose turn never ends",
    { phraseStatus: "Success", timedOut: "answering" },
    504,
    "transport",
  ],
  ["cancellation TooManyRequests", { cancellation: "TooManyRequests" }, 429, "service"],
  ["cancellation Forbidden", { cancellation: "Forbidden" }, 403, "service"],
  ["cancellation AuthenticationFailure", { cancellation: "AuthenticationFailure" }, 401, "service"],
  ["cancellation BadRequestParameters", { cancellation: "BadRequestParameters" }, 400, "service"],
  ["cancellation ServiceError", { cancellation: "ServiceError" }, 500, "service"],
  ["cancellation ServiceTimeout", { cancellation: "ServiceTimeout" }, 504, "transport"],
  [
    "a connection that failed somehow",
    { httpStatus: 101, cancellation: "ConnectionFailure" },
    502,
    "transport",
  ],
  [
    "a closed port, as the SDK sees it",
    { errorCode: "ECONNREFUSED", cancellation: "ConnectionFailure" },
    503,
    "transport",
  ],
  ["cancellation NoError and nothing else", { cancellation: "NoError" }, 500, "local"],
  ["a completed synthesis without audio", { httpStatus: 101, empty: true }, 502, "transport"],
  ["no handshake in time", { timedOut: "connecting" }, 504, "transport"],
  ["no answer in time", { httpStatus: 101, timedOut: "answering" }, 504, "transport"],
  [
    "our deadline, and what aborting raised",
    { timedOut: "connecting", errorCode: "ECONNRESET" },
    504,
    "transport",
  ],
  ["a closed port", { errorCode: "ECONNREFUSED" }, 503, "transport"],
  ["an unreachable host", { errorCode: "EHOSTUNREACH" }, 503, "transport"],
  ["an unreachable network", { errorCode: "ENETUNREACH" }, 503, "transport"],
  ["a host that does not exist", { errorCode: "ENOTFOUND" }, 502, "transport"],
  ["a resolver that is away", { errorCode: "EAI_AGAIN" }, 502, "transport"],
  ["a reset", { errorCode: "ECONNRESET" }, 502, "transport"],
  ["a certificate nobody knows", { errorCode: "DEPTH_ZERO_SELF_SIGNED_CERT" }, 502, "transport"],
  ["TLS spoken with plain text", { errorCode: "EPROTO" }, 502, "transport"],
  ["garbage instead of HTTP", { errorCode: "HPE_INVALID_CONSTANT" }, 502, "transport"],
  ["a connect time-out of the system", { errorCode: "ETIMEDOUT" }, 504, "transport"],
  ["a character no header takes", { errorCode: "ERR_INVALID_CHAR" }, 400, "local"],
  ["an unusable key", { local: "unusable_key" }, 400, "local"],
  ["an unusable region", { local: "unusable_region" }, 400, "local"],
  ["an unusable request", { local: "unusable_request" }, 400, "local"],
  ["a broken client", { local: "broken_client" }, 500, "local"],
  ["nothing at all", {}, 500, "local"],
];

const CLOSES: readonly (readonly [number, string, number, VerdictSource])[] = [
  [1000, "", 502, "transport"],
  [1001, "going away", 503, "service"],
  [1002, "protocol error", 500, "service"],
  [1003, "", 400, "service"],
  [1005, "", 502, "transport"],
  [1006, "", 502, "transport"],
  [1007, "Unsupported voice", 400, "service"],
  [1007, "Throttled due to too many requests", 429, "service"],
  [1007, "Quota exceeded. Cid: 0123", 429, "service"],
  [1008, "", 500, "service"],
  [1009, "", 400, "service"],
  [1011, "", 500, "service"],
  [1012, "", 503, "service"],
  [1013, "", 503, "service"],
  [1013, 'Status(StatusCode="ResourceExhausted", duration of the data sent)', 503, "service"],
  [1013, 'Status(StatusCode="ResourceExhausted", rate of requests)', 429, "service"],
  [1015, "", 502, "transport"],
  [4000, "", 500, "service"],
  [4401, "", 401, "service"],
  [4403, "", 403, "service"],
  [4404, "", 404, "service"],
  [4429, "", 429, "service"],
  [4000, "you have exceeded the concurrent request limit allowed for your sub", 429, "service"],
];

describe("verdict", () => {
  it.each(CASES)("%s", (_name, evidence, code, source) => {
    expect(verdictOf(evidence)).toMatchObject({ code, source });
  });

  it.each(CLOSES)("close %i %j is %i", (code, reason, expected, source) => {
    const verdict = verdictOf({
      httpStatus: 101,
      close: { code, reason },
      cancellation: "ConnectionFailure",
    });
    expect(verdict).toMatchObject({ code: expected, source });
  });

  it("tells a spent quota and a key of another service from other refusals", () => {
    expect(verdictOf({ phraseStatus: "Forbidden" }).reason).toBe(QUOTA_SPENT);
    expect(verdictOf({ cancellation: "Forbidden" }).reason).toBe(QUOTA_SPENT);
    expect(verdictOf({ httpStatus: 403, translatorCode: 403001 }).reason).toBe(QUOTA_SPENT);
    expect(verdictOf({ httpStatus: 403 }).reason).not.toBe(QUOTA_SPENT);
    expect(verdictOf({ httpStatus: 401, translatorCode: 401015 }).reason).toBe(NOT_A_TRANSLATOR_KEY);
  });

  it("lets no text from the wire into the reason", () => {
    const text = "wss://host/?Ocp-Apim-Subscription-Key=c4n4ry5ecret";
    for (const evidence of [
      { close: { code: 1011, reason: text } },
      { close: { code: 1007, reason: `Quota exceeded ${text}` } },
      { phraseStatus: text },
      { cancellation: text },
      { errorCode: text },
    ]) {
      expect(JSON.stringify(verdictOf(evidence))).not.toMatch(/c4n4ry|:\/\//);
    }
  });

  it("carries the wait that the service asked for, and only the service's", () => {
    expect(verdictOf({ httpStatus: 429, retryAfterSeconds: 7 }).retryAfterSeconds).toBe(7);
    expect(verdictOf({ httpStatus: 302, retryAfterSeconds: 7 })).not.toHaveProperty("retryAfterSeconds");
    expect(verdictOf({ httpStatus: 429 })).not.toHaveProperty("retryAfterSeconds");
  });
});

describe("a target that cannot be probed", () => {
  it.each([
    ["12345678", "eastasia", undefined],
    ["12345678", "EastAsia", undefined],
    ["1234567", "eastasia", "unusable_key"],
    ["1234\r\n5678", "eastasia", "unusable_key"],
    ["12345678\u00e9", "eastasia", "unusable_key"],
    ["12345678", "127.0.0.1:9/x?", "unusable_region"],
    ["12345678", "", "unusable_region"],
  ])("%j in %j: %j", (secret, region, fault) => {
    expect(unusableTarget({ secret, region })?.local).toBe(fault);
  });
});

describe("Retry-After", () => {
  const now = Date.UTC(2025, 0, 1, 12, 0, 0);

  it.each([
    ["7", 7],
    [" 0 ", 0],
    ["99999999999", 31 * 86_400],
    ["Wed, 01 Jan 2025 12:00:30 GMT", 30],
    ["Wed, 01 Jan 2025 11:00:00 GMT", 0],
    ["-5", undefined],
    ["1.5", undefined],
    ["soon", undefined],
    ["", undefined],
    [null, undefined],
    [undefined, undefined],
  ])("%j is %j seconds", (header, seconds) => {
    expect(parseRetryAfter(header, now)).toBe(seconds);
  });
});
