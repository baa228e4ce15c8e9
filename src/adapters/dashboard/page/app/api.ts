import { refusals, token } from "./token.ts";

/** An answer that nobody could go on with; `message` is the server's own, for people. */
export class ApiFailure extends Error {
  /** The HTTP status; 0 when there was no answer. */
  readonly status: number;
  readonly code: string;
  readonly data: unknown;

  constructor(status: number, code: string, message: string, data?: unknown) {
    super(message);
    this.status = status;
    this.code = code;
    this.data = data;
  }
}

export interface ApiRequest {
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: object;
  readonly signal?: AbortSignal;
  /** Whether the answer is a file of JSON as it is, in no frame. */
  readonly isFile?: boolean;
}

type Frame = Partial<Record<"success" | "data" | "error" | "code", unknown>>;

/** The data of a success, which is taken at its word. Throws `ApiFailure`, or the signal's reason. */
export async function ask<T>(method: string, path: string, request: ApiRequest = {}): Promise<T> {
  const { query = {}, body, signal, isFile = false } = request;
  const init: RequestInit = { method, headers: headersFor(method), signal: signal ?? null };
  if (body) init.body = JSON.stringify(body);
  const response = await fetch(`/api${path}${search(query)}`, init).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw new ApiFailure(0, "unreachable", "");
  });
  const frame = (await response.json().catch(() => ({}))) as Frame;
  if (isFile && response.ok) return frame as T;
  if (frame.success === true) return frame.data as T;
  if (response.status === 401) refusals.value++;
  throw new ApiFailure(
    response.status,
    String(frame.code ?? "unexpected"),
    String(frame.error ?? ""),
    frame.data,
  );
}

/** The token goes along as a header, so that no other site can send it. */
export function authorization(): Readonly<Record<string, string>> {
  return token.value === "" ? {} : { authorization: `Bearer ${token.value}` };
}

function headersFor(method: string): Readonly<Record<string, string>> {
  return { ...authorization(), ...(method !== "GET" && { "content-type": "application/json" }) };
}

function search(query: NonNullable<ApiRequest["query"]>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== "") parameters.set(name, String(value));
  }
  return parameters.size === 0 ? "" : `?${parameters}`;
}
