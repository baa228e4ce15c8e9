import { describe, expect, it } from "vitest";
import { speechCodeIn } from "../../../src/adapters/client/index.ts";

const canceled = (errorDetails: string, name = "ConnectionFailure") => ({
  reason: 1,
  errorDetails,
  properties: { getProperty: () => name },
});
const REFUSED = "Unable to contact server. StatusCode: 1006, undefined Reason:  Unexpected server response:";

describe("what the Speech SDK's results say about a key", () => {
  it.each([
    ["a result that was not canceled", { reason: 3 }, 200],
    ["nothing at all", undefined, 200],
    ["an upgrade refused with 401", canceled(`${REFUSED} 401`), 401],
    ["an upgrade refused with 429", canceled(`${REFUSED} 429`), 429],
    ["a redirection", canceled(`${REFUSED} 302`), undefined],
    ["a socket closed with 4429", canceled(" websocket error code: 4429"), 429],
    ["throttling in words", canceled("Quota exceeded. Cid: 1 websocket error code: 1007"), 429],
    ["a bad request", canceled("bad voice websocket error code: 1007", "BadRequestParameters"), 400],
    ["a socket that was lost", canceled(" websocket error code: 1006"), undefined],
    ["a host that is not there", canceled("Reason: getaddrinfo ENOTFOUND x"), undefined],
    ["too many requests", canceled("parallel requests", "TooManyRequests"), 429],
    ["a spent quota, as an event has it", { errorDetails: "free subscription", errorCode: 8 }, 403],
    ["a service that failed", canceled("oops", "ServiceError"), 500],
  ])("%s", (_, outcome, code) => {
    expect(speechCodeIn(outcome, false)?.code).toBe(code);
  });

  it("an error that was thrown, by its own status", () => {
    expect(speechCodeIn(Object.assign(new Error("x"), { status: 401 }), true)).toEqual({ code: 401 });
    expect(speechCodeIn(new Error("x"), true)).toBeUndefined();
  });
});
