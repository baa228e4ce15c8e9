import { describe, expect, it } from "vitest";
import { networkFault } from "../../../src/adapters/translator/network-fault.ts";
import { answerEvidence } from "../../../src/adapters/translator/translator-evidence.ts";
import { NOT_A_TRANSLATOR_KEY, QUOTA_SPENT, verdictOf } from "../../../src/domain/index.ts";

function judged(status: number, code?: number | string, headers: Record<string, string> = {}) {
  const body = code === undefined ? null : { error: { code } };
  return verdictOf(answerEvidence(new Response(null, { status, headers }), body));
}

describe("Translator's answers", () => {
  it.each([
    [401, 401000, "the service rejected the key (HTTP 401, code 401000)"],
    [401, 401015, NOT_A_TRANSLATOR_KEY],
    [403, 403000, "the service forbade the key (HTTP 403, code 403000)"],
    [403, 403001, QUOTA_SPENT],
    [403, "403001", QUOTA_SPENT],
    [403, undefined, "the service forbade the key (HTTP 403)"],
    [429, 429002, "the service throttles the key (HTTP 429, code 429002)"],
    [400, 403001, "the service found the request wrong (HTTP 400, code 403001)"],
    [503, "wss://c4n4ry", "the service failed (HTTP 503)"],
  ])("%i with code %j: %s", (status, code, reason) => {
    expect(judged(status, code)).toEqual({ code: status, source: "service", reason });
  });

  it.each([undefined, 403001])("carry the wait that was asked for, with code %j", (code) => {
    expect(judged(403, code, { "retry-after": "7" }).retryAfterSeconds).toBe(7);
  });

  it.each([200, 204, 307])("%i without a translation is no verdict", (status) => {
    const reason = `unexpected HTTP status ${status}`;
    expect(judged(status)).toEqual({ code: 502, source: "transport", reason });
  });
});

describe("faults of fetch", () => {
  it.each([
    ["ECONNREFUSED", 503, "transport"],
    ["EHOSTUNREACH", 503, "transport"],
    ["ENETUNREACH", 503, "transport"],
    ["ETIMEDOUT", 504, "transport"],
    ["UND_ERR_CONNECT_TIMEOUT", 504, "transport"],
    ["UND_ERR_HEADERS_TIMEOUT", 504, "transport"],
    ["UND_ERR_BODY_TIMEOUT", 504, "transport"],
    ["ENOTFOUND", 502, "transport"],
    ["EAI_AGAIN", 502, "transport"],
    ["ECONNRESET", 502, "transport"],
    ["UND_ERR_SOCKET", 502, "transport"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", 502, "transport"],
  ])("%s is %i", (code, status, source) => {
    const error = new TypeError("fetch failed", { cause: Object.assign(new Error("why"), { code }) });
    const reason = `could not reach the service (${code})`;
    expect(verdictOf(networkFault(error))).toEqual({ code: status, source, reason });
  });

  it.each(["ERR_INVALID_CHAR", "ERR_UNESCAPED_CHARACTERS", "ERR_INVALID_URL"])("%s is ours", (code) => {
    const error = new TypeError("fetch failed", { cause: { code } });
    expect(verdictOf(networkFault(error))).toMatchObject({ code: 400, source: "local" });
  });

  it.each([new TypeError("fetch failed"), new TypeError("fetch failed", { cause: new Error("why") })])(
    "without a code are named all the same",
    (error) => {
      const reason = "could not reach the service (FETCH_FAILED)";
      expect(verdictOf(networkFault(error))).toEqual({ code: 502, source: "transport", reason });
    },
  );
});
