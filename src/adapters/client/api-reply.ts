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
export function readReply(response: Response, text: string): Reply {
  return readFrame(response, parseAnswer(text));
}

/** Reads a document without a frame, known by that member, or the frame around a refusal. Throws like `readReply`. */
export function readDocument(response: Response, text: string, member: string): Reply {
  const answer = parseAnswer(text);
  if (response.ok && answer && Object.hasOwn(answer, member))
    return { success: true, data: answer, httpStatus: response.status };
  // A frame around a success is not what was asked for.
  return readFrame(response, response.ok ? undefined : answer);
}

function readFrame({ status, headers }: Response, answer: Frame | undefined): Reply {
  const seen = {
    httpStatus: status,
    requestId: headers.get("x-request-id") ?? undefined,
    retryAfterSeconds: secondsOf(headers.get("retry-after")),
  };
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
