import { ApiError, type BadField } from "./api-error.ts";

/** A whole answer of the API; `error` is what to throw where that refusal was not expected. */
export type Reply =
  | { readonly success: true; readonly data: unknown; readonly httpStatus: number }
  | {
      readonly success: false;
      readonly data: unknown;
      readonly httpStatus: number;
      readonly error: ApiError;
    };

/** Reads the frame around an answer. Throws `ApiError` for what is no answer of this API. */
export function readReply({ status, headers }: Response, text: string): Reply {
  const seen = {
    httpStatus: status,
    requestId: headers.get("x-request-id") ?? undefined,
    retryAfterSeconds: secondsOf(headers.get("retry-after")),
  };
  const answer = parseAnswer(text);
  if (answer?.success === true) return { success: true, data: answer.data, httpStatus: status };
  if (typeof answer?.code !== "string" || typeof answer.error !== "string") {
    throw new ApiError("unexpected_answer", `Not an answer of the key pool (HTTP ${status})`, seen);
  }
  const details = Array.isArray(answer.details) ? (answer.details as readonly BadField[]) : [];
  const error = new ApiError(answer.code, answer.error, { ...seen, details });
  return { success: false, data: answer.data, httpStatus: status, error };
}

type Frame = Partial<Record<"success" | "data" | "error" | "code" | "details", unknown>>;

function parseAnswer(text: string): Frame | undefined {
  try {
    const answer: unknown = JSON.parse(text);
    return typeof answer === "object" && answer !== null ? answer : undefined;
  } catch {
    // The parser's message would quote the answer, which may hold a secret.
    return undefined;
  }
}

function secondsOf(header: string | null): number | undefined {
  return header !== null && /^\d{1,9}$/.test(header) ? Number(header) : undefined;
}
