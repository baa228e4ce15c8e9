import { describeProblems, type FieldProblem } from "../../../domain/index.ts";

/** What the edge itself refuses or cannot do; the rest of the codes are the domain's. */
export type RefusalCode =
  | "invalid_request"
  | "unauthorized"
  | "forbidden"
  /** What is done only for who shows a token, also while none is needed otherwise. */
  | "token_required"
  /** Only while no token exists: what a page of another site sends, and what a proxy passes on. */
  | "cross_site"
  | "behind_proxy"
  | "not_found"
  | "method_not_allowed"
  | "payload_too_large"
  | "unsupported_media_type"
  /** Only while no token exists: the request is meant for another host. */
  | "misdirected"
  | "too_many_attempts";

/** A request that does not get as far as a use case. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: RefusalCode;
  readonly headers: Readonly<Record<string, string>>;
  /** The bad fields of `invalid_request`, as the caller named them. */
  readonly problems: readonly FieldProblem[];

  constructor(
    code: RefusalCode,
    message: string,
    headers: Readonly<Record<string, string>> = {},
    problems: readonly FieldProblem[] = [],
  ) {
    const { stackTraceLimit } = Error;
    // Nobody is told where a request was refused, and to note that costs more than all else of a refusal.
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
    this.code = code;
    this.headers = headers;
    this.problems = problems;
  }
}

/** How many bad fields an answer names; one request may have tens of thousands. */
const MOST_NAMED = 100;

/** `invalid_request` for what the edge refuses; unlike the domain's, it names fields as the caller does. */
export function invalid(...problems: readonly FieldProblem[]): Refusal {
  const named = problems.slice(0, MOST_NAMED);
  const others = problems.length - named.length;
  const message = describeProblems(named) + (others > 0 ? `; and ${others} more` : "");
  return new Refusal("invalid_request", message, {}, named);
}
