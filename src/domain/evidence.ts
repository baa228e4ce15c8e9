import { DomainError } from "./errors.ts";
import { parseRegion } from "./region.ts";
import { parseSecret } from "./secret.ts";

/** How far a probe had come when its deadline ended it: it waited for its turn, connected, or had asked. */
export type Stage = "waiting" | "connecting" | "answering";

/** Why the service was not asked; the fault is ours. */
export type LocalFault = "unusable-key" | "unusable-region" | "unusable-request" | "broken-client";

/** What the service said where an HTTP status alone would say too little, or where there is none. */
export type Refusal =
  | "throttled"
  /** The key is good, but its free quota is used up until the month ends. */
  | "quota-spent"
  | "unauthorized"
  | "key-of-another-service"
  | "bad-request"
  /** The service reports a fault of its own. */
  | "failed";

/** Why the service was not reached, or was lost before it had answered. */
export type Unreachable =
  /** Nothing listens there. */
  | "refused"
  | "no-route"
  /** The network gave up before our deadline did. */
  | "timed-out"
  /** The host has no address, or the resolver is away. */
  | "unresolved"
  /** Anything else: a reset, a certificate that is not trusted, an answer that is not HTTP. */
  | "broken";

/** The most telling thing that a probe saw, in words of no technology. */
export type Evidence =
  /** The service did what only a working key makes it do. */
  | { readonly kind: "works" }
  /** An HTTP answer that is no proof that the key works. */
  | {
      readonly kind: "answered";
      readonly status: number;
      /** The service's own, finer code, a number that is shown. */
      readonly serviceCode?: number;
      /** See `parseRetryAfter`. */
      readonly retryAfterSeconds?: number;
    }
  | { readonly kind: "refused"; readonly refusal: Refusal; readonly retryAfterSeconds?: number }
  /** A WebSocket that was closed without a result; code 1006 when no close frame came. */
  | { readonly kind: "closed"; readonly code: number; readonly reason: string }
  /** The service finished well but delivered nothing, such as a synthesis without audio. */
  | { readonly kind: "empty" }
  | { readonly kind: "timed-out"; readonly stage: Stage }
  /** `detail` is what the technology calls the fault; it is shown when it is a plain name. */
  | { readonly kind: "unreachable"; readonly why: Unreachable; readonly detail?: string }
  | { readonly kind: "not-asked"; readonly fault: LocalFault }
  /** The probe ended, and nothing that it saw says why. */
  | { readonly kind: "unexplained" };

/** Why a key of that region cannot be probed at all; undefined when it can. */
export function unusableTarget(target: {
  readonly secret: string;
  readonly region: string;
}): Evidence | undefined {
  if (!accepts(parseSecret, target.secret)) return { kind: "not-asked", fault: "unusable-key" };
  if (!accepts(parseRegion, target.region)) return { kind: "not-asked", fault: "unusable-region" };
  return undefined;
}

function accepts(parse: (value: string) => string, value: string): boolean {
  try {
    parse(value);
    return true;
  } catch (error) {
    if (error instanceof DomainError) return false;
    throw error;
  }
}
