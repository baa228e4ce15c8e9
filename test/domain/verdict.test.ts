import { describe, expect, it } from "vitest";
import {
  type Evidence,
  NOT_A_TRANSLATOR_KEY,
  QUOTA_SPENT,
  type VerdictSource,
  verdictOf,
} from "../../src/domain/index.ts";

type Case = readonly [evidence: Evidence, code: number, source: VerdictSource, reason: string];

const REASONS: Readonly<Record<number, string>> = {
  400: "the service found the request wrong",
  401: "the service rejected the key",
  403: "the service forbade the key",
  404: "the service does not know the resource",
  429: "the service throttles the key",
};

const fromService = (code: number, detail: string) => `${REASONS[code] ?? "the service failed"} (${detail})`;

const CASES: readonly Case[] = [
  [{ kind: "works" }, 200, "service", "the key works"],
  ...[400, 401, 403, 404, 408, 429, 500, 502, 503, 599].map(
    (status): Case => [
      { kind: "answered", status },
      status,
      "service",
      fromService(status, `HTTP ${status}`),
    ],
  ),
  ...[101, 200, 204, 301, 302, 307, 600, 999].map(
    (status): Case => [{ kind: "answered", status }, 502, "transport", `unexpected HTTP status ${status}`],
  ),
  [
    { kind: "answered", status: 429, serviceCode: 429002 },
    429,
    "service",
    fromService(429, "HTTP 429, code 429002"),
  ],
  [{ kind: "refused", refusal: "throttled" }, 429, "service", fromService(429, "too many parallel requests")],
  [{ kind: "refused", refusal: "quota-spent" }, 403, "service", QUOTA_SPENT],
  [{ kind: "refused", refusal: "unauthorized" }, 401, "service", fromService(401, "authentication failure")],
  [{ kind: "refused", refusal: "key-of-another-service" }, 401, "service", NOT_A_TRANSLATOR_KEY],
  [{ kind: "refused", refusal: "bad-request" }, 400, "service", fromService(400, "bad request parameters")],
  [{ kind: "refused", refusal: "failed" }, 500, "service", fromService(500, "service error")],
  [{ kind: "empty" }, 502, "transport", "the service finished without a result"],
  [
    { kind: "timed-out", stage: "waiting" },
    504,
    "transport",
    "too many other probes were running to start within the deadline",
  ],
  [{ kind: "timed-out", stage: "connecting" }, 504, "transport", "no connection within the deadline"],
  [{ kind: "timed-out", stage: "answering" }, 504, "transport", "no answer within the deadline"],
  ...(
    [
      ["refused", "ECONNREFUSED", 503],
      ["no-route", "ENETUNREACH", 503],
      ["timed-out", "ETIMEDOUT", 504],
      ["unresolved", "ENOTFOUND", 502],
      ["broken", "ECONNRESET", 502],
    ] as const
  ).map(
    ([why, detail, code]): Case => [
      { kind: "unreachable", why, detail },
      code,
      "transport",
      `could not reach the service (${detail})`,
    ],
  ),
  [{ kind: "unreachable", why: "broken" }, 502, "transport", "the connection failed"],
  [{ kind: "not-asked", fault: "unusable-key" }, 400, "local", "the key cannot be sent in a header"],
  [{ kind: "not-asked", fault: "unusable-region" }, 400, "local", "the region cannot be part of a host name"],
  [{ kind: "not-asked", fault: "unusable-request" }, 400, "local", "the request could not be made"],
  [
    { kind: "not-asked", fault: "broken-client" },
    500,
    "local",
    "the client failed before it asked the service",
  ],
  [{ kind: "unexplained" }, 500, "local", "the probe ended for a reason it does not know"],
];

const NO_ANSWER = (close: number) => `closed without an answer (close ${close})`;

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
  it.each(CASES)("%j is %i of the %s: %s", (evidence, code, source, reason) => {
    expect(verdictOf(evidence)).toEqual({ code, source, reason });
  });

  it.each(CLOSES)("close %i %j is %i", (code, reason, expected, source) => {
    expect(verdictOf({ kind: "closed", code, reason })).toEqual({
      code: expected,
      source,
      reason: source === "service" ? fromService(expected, `close ${code}`) : NO_ANSWER(code),
    });
  });

  it("lets no text from the wire into the reason", () => {
    const text = "wss://host/?Ocp-Apim-Subscription-Key=c4n4ry5ecret";
    const evidences: readonly Evidence[] = [
      { kind: "closed", code: 1011, reason: text },
      { kind: "closed", code: 1007, reason: `Quota exceeded ${text}` },
      { kind: "unreachable", why: "broken", detail: text },
    ];
    for (const evidence of evidences) {
      expect(JSON.stringify(verdictOf(evidence))).not.toMatch(/c4n4ry|:\/\//);
    }
    expect(verdictOf({ kind: "unreachable", why: "refused", detail: text })).toEqual({
      code: 503,
      source: "transport",
      reason: "could not reach the service (unknown error)",
    });
  });

  it("carries the wait that the service asked for, and only the service's", () => {
    const wait = { retryAfterSeconds: 7 };
    expect(verdictOf({ kind: "answered", status: 429, ...wait })).toMatchObject(wait);
    expect(verdictOf({ kind: "refused", refusal: "quota-spent", ...wait })).toMatchObject(wait);
    expect(verdictOf({ kind: "answered", status: 302, ...wait })).not.toHaveProperty("retryAfterSeconds");
    expect(verdictOf({ kind: "answered", status: 429 })).not.toHaveProperty("retryAfterSeconds");
  });
});
