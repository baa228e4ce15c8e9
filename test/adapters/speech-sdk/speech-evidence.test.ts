import { describe, expect, it } from "vitest";
import type { SdkFinding } from "../../../src/adapters/speech-sdk/sdk-finding.ts";
import { type Sighting, speechEvidence } from "../../../src/adapters/speech-sdk/speech-evidence.ts";
import { QUOTA_SPENT, type VerdictSource, verdictOf } from "../../../src/domain/index.ts";

type Case = readonly [name: string, seen: Partial<Sighting>, code: number, source: VerdictSource];

const proof: SdkFinding = { kind: "proof" };
const noAudio: SdkFinding = { kind: "no-audio" };
const accepted = { httpStatus: 101 };

function canceled(code: string): Pick<Sighting, "end" | "finding"> {
  return { end: "result", finding: { kind: "canceled", code } };
}

function judged(seen: Partial<Sighting>) {
  return verdictOf(speechEvidence({ facts: {}, end: "result", ...seen }));
}

/** What only Node's error code says; the SDK calls all of it a failed connection. */
function network(errorCode: string): Partial<Sighting> {
  return { facts: { errorCode }, ...canceled("ConnectionFailure") };
}

const CASES: readonly Case[] = [
  ["proof that the key works", { facts: accepted, finding: proof }, 200, "service"],
  [
    "proof, and a close after it",
    { facts: { ...accepted, close: { code: 1006, reason: "" } }, finding: proof },
    200,
    "service",
  ],
  ...[400, 401, 403, 404, 408, 429, 500, 502, 503, 599].map(
    (httpStatus): Case => [
      `HTTP ${httpStatus}`,
      { facts: { httpStatus }, ...canceled("ConnectionFailure") },
      httpStatus,
      "service",
    ],
  ),
  ...[200, 204, 301, 302, 307, 600, 999].map(
    (httpStatus): Case => [
      `HTTP ${httpStatus} where it means nothing`,
      { facts: { httpStatus } },
      502,
      "transport",
    ],
  ),
  [
    "a status that came before the deadline",
    { facts: { httpStatus: 401 }, end: "connecting" },
    401,
    "service",
  ],
  [
    "a status, and the fault of reading on",
    { facts: { httpStatus: 429, errorCode: "ECONNRESET" } },
    429,
    "service",
  ],
  ["phrase TooManyRequests", { facts: accepted, phraseStatus: "TooManyRequests" }, 429, "service"],
  ["phrase Forbidden", { facts: accepted, phraseStatus: "Forbidden" }, 403, "service"],
  ["phrase BadRequest", { ...canceled("ServiceError"), phraseStatus: "BadRequest" }, 400, "service"],
  ["phrase Error", { phraseStatus: "Error" }, 500, "service"],
  ["a phrase status that is not known", { ...canceled("NoError"), phraseStatus: "Sunspots" }, 500, "service"],
  ["a phrase status that every object has", { phraseStatus: "constructor" }, 500, "service"],
  [
    "a phrase that refuses, and a close after it",
    { facts: { ...accepted, close: { code: 1000, reason: "" } }, phraseStatus: "Forbidden" },
    403,
    "service",
  ],
  ["a good phrase whose turn never ends", { phraseStatus: "Success", end: "answering" }, 504, "transport"],
  ["cancellation TooManyRequests", canceled("TooManyRequests"), 429, "service"],
  ["cancellation Forbidden", canceled("Forbidden"), 403, "service"],
  ["cancellation AuthenticationFailure", canceled("AuthenticationFailure"), 401, "service"],
  ["cancellation BadRequestParameters", canceled("BadRequestParameters"), 400, "service"],
  ["cancellation ServiceError", canceled("ServiceError"), 500, "service"],
  ["cancellation ServiceTimeout", canceled("ServiceTimeout"), 504, "transport"],
  ["cancellation NoError and nothing else", canceled("NoError"), 500, "local"],
  [
    "a close that throttles, which the SDK calls a bad request",
    {
      facts: { ...accepted, close: { code: 1007, reason: "Throttled due to too many requests" } },
      ...canceled("BadRequestParameters"),
    },
    429,
    "service",
  ],
  [
    "a close without a code, and what the SDK calls it",
    { facts: { ...accepted, close: { code: 1006, reason: "" } }, ...canceled("ConnectionFailure") },
    502,
    "transport",
  ],
  [
    "a hang-up, whatever the deadline says",
    { facts: { ...accepted, close: { code: 4429, reason: "" } }, end: "answering" },
    429,
    "service",
  ],
  [
    "a connection that failed somehow",
    { facts: accepted, ...canceled("ConnectionFailure") },
    502,
    "transport",
  ],
  [
    "a connection that takes nothing more",
    { facts: accepted, ...canceled("RuntimeError") },
    502,
    "transport",
  ],
  ["a completed synthesis without audio", { facts: accepted, finding: noAudio }, 502, "transport"],
  ["no handshake in time", { end: "connecting" }, 504, "transport"],
  ["no answer in time", { facts: accepted, end: "answering" }, 504, "transport"],
  [
    "our deadline, and what aborting raised",
    { end: "connecting", facts: { errorCode: "ECONNRESET" } },
    504,
    "transport",
  ],
  ["a closed port", network("ECONNREFUSED"), 503, "transport"],
  ["an unreachable host", network("EHOSTUNREACH"), 503, "transport"],
  ["an unreachable network", network("ENETUNREACH"), 503, "transport"],
  ["a host that does not exist", network("ENOTFOUND"), 502, "transport"],
  ["a resolver that is away", network("EAI_AGAIN"), 502, "transport"],
  ["a reset", network("ECONNRESET"), 502, "transport"],
  ["a certificate that is not trusted", network("DEPTH_ZERO_SELF_SIGNED_CERT"), 502, "transport"],
  ["TLS spoken with plain text", network("EPROTO"), 502, "transport"],
  ["garbage instead of HTTP", network("HPE_INVALID_CONSTANT"), 502, "transport"],
  ["a connect time-out of the system", network("ETIMEDOUT"), 504, "transport"],
  ["a character no header takes", network("ERR_INVALID_CHAR"), 400, "local"],
  [
    "a client that failed, whatever was seen",
    { facts: { httpStatus: 401 }, end: "broken-client" },
    500,
    "local",
  ],
  ["nothing at all", {}, 500, "local"],
];

describe("speech evidence", () => {
  it.each(CASES)("%s", (_name, seen, code, source) => {
    expect(judged(seen)).toMatchObject({ code, source });
  });

  it("knows a spent quota from other refusals", () => {
    expect(judged({ phraseStatus: "Forbidden" }).reason).toBe(QUOTA_SPENT);
    expect(judged(canceled("Forbidden")).reason).toBe(QUOTA_SPENT);
    expect(judged({ facts: { httpStatus: 403 } }).reason).not.toBe(QUOTA_SPENT);
  });

  it("names the fault of the network, and a lost connection where there is none", () => {
    expect(judged(network("ECONNREFUSED")).reason).toBe("could not reach the service (ECONNREFUSED)");
    expect(judged(canceled("ConnectionFailure")).reason).toBe("the connection failed");
  });

  it("carries the wait of a refused upgrade", () => {
    const facts = { httpStatus: 429, retryAfterSeconds: 7 };
    expect(judged({ facts }).retryAfterSeconds).toBe(7);
    expect(judged({ facts: { httpStatus: 429 } })).not.toHaveProperty("retryAfterSeconds");
  });

  it("lets no text from the wire into the reason", () => {
    const text = "wss://host/?Ocp-Apim-Subscription-Key=c4n4ry5ecret";
    for (const seen of [{ phraseStatus: text }, canceled(text), { facts: { errorCode: text } }]) {
      expect(JSON.stringify(judged(seen))).not.toMatch(/c4n4ry|:\/\//);
    }
  });
});
