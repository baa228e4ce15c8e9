import type { Evidence, Refusal } from "../../domain/index.ts";
import type { End } from "./conversation.ts";
import { networkFault } from "./network-fault.ts";
import type { SdkFinding } from "./sdk-finding.ts";
import type { WireFacts } from "./wire-tap.ts";

/** Everything that one probe saw. */
export interface Sighting {
  /** What was seen on the connection. */
  readonly facts: WireFacts;
  readonly end: End;
  /** What the SDK made of it; undefined when it gave no result. */
  readonly finding?: SdkFinding | undefined;
  /** The `RecognitionStatus` of the answer; null when none came. */
  readonly phraseStatus?: string | null;
}

/**
 * Picks the most telling fact. What the service said comes first, then how the connection ended, then the SDK's
 * own name for it: the SDK calls most faults a failed connection.
 */
export function speechEvidence({ facts, end, finding, phraseStatus }: Sighting): Evidence {
  return (
    ofBrokenClient(end) ??
    ofProof(finding) ??
    ofUpgrade(facts) ??
    ofPhrase(phraseStatus) ??
    ofClose(facts) ??
    ofCancellation(finding) ??
    ofSilentSynthesis(finding) ??
    ofDeadline(end) ??
    ofNetwork(facts) ??
    ofLostConnection(finding) ?? { kind: "unexplained" }
  );
}

function ofBrokenClient(end: End): Evidence | undefined {
  return end === "broken-client" ? { kind: "not-asked", fault: "broken-client" } : undefined;
}

function ofProof(finding: SdkFinding | undefined): Evidence | undefined {
  return finding?.kind === "proof" ? { kind: "works" } : undefined;
}

/** 101 is an accepted upgrade and says nothing about the key. */
function ofUpgrade({ httpStatus, retryAfterSeconds }: WireFacts): Evidence | undefined {
  if (httpStatus === undefined || httpStatus === 101) return undefined;
  return {
    kind: "answered",
    status: httpStatus,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  };
}

/** Statuses of a recognition that went well; if the probe failed, other facts say why. */
const GOOD_PHRASES = new Set([
  "Success",
  "NoMatch",
  "InitialSilenceTimeout",
  "BabbleTimeout",
  "EndOfDictation",
]);

const PHRASE_REFUSALS: ReadonlyMap<string, Refusal> = new Map([
  ["TooManyRequests", "throttled"],
  ["Forbidden", "quota-spent"],
  ["BadRequest", "bad-request"],
]);

function ofPhrase(status: string | null | undefined): Evidence | undefined {
  if (!status || GOOD_PHRASES.has(status)) return undefined;
  return { kind: "refused", refusal: PHRASE_REFUSALS.get(status) ?? "failed" };
}

function ofClose({ close }: WireFacts): Evidence | undefined {
  return close && { kind: "closed", ...close };
}

const CANCELLATIONS: ReadonlyMap<string, Evidence> = new Map([
  ["TooManyRequests", { kind: "refused", refusal: "throttled" }],
  ["Forbidden", { kind: "refused", refusal: "quota-spent" }],
  ["AuthenticationFailure", { kind: "refused", refusal: "unauthorized" }],
  ["BadRequestParameters", { kind: "refused", refusal: "bad-request" }],
  ["ServiceError", { kind: "refused", refusal: "failed" }],
  ["ServiceTimeout", { kind: "timed-out", stage: "answering" }],
] as const);

function ofCancellation(finding: SdkFinding | undefined): Evidence | undefined {
  return finding?.kind === "canceled" ? CANCELLATIONS.get(finding.code) : undefined;
}

function ofSilentSynthesis(finding: SdkFinding | undefined): Evidence | undefined {
  return finding?.kind === "no-audio" ? { kind: "empty" } : undefined;
}

function ofDeadline(end: End): Evidence | undefined {
  return end === "connecting" || end === "answering" ? { kind: "timed-out", stage: end } : undefined;
}

function ofNetwork({ errorCode }: WireFacts): Evidence | undefined {
  return errorCode === undefined ? undefined : networkFault(errorCode);
}

/** What the SDK says when it cannot connect, or can no longer send. */
const LOST = new Set(["ConnectionFailure", "RuntimeError"]);

function ofLostConnection(finding: SdkFinding | undefined): Evidence | undefined {
  const isLost = finding?.kind === "canceled" && LOST.has(finding.code);
  return isLost ? { kind: "unreachable", why: "broken" } : undefined;
}
