import { ApiError, type BadField } from "./api-error.ts";

export interface ConnectionOptions {
  /** Where the API is, `/api` included. Default `http://127.0.0.1:3000/api`. */
  readonly baseUrl?: string;
  /** How long a request may take until its whole answer is here, in milliseconds. Default 10 000. */
  readonly timeoutMs?: number;
  /** Sent with each request; needed as soon as the pool has any token. */
  readonly token?: string;
  /** Sent with each request, such as what a proxy in front of the API asks for. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ApiRequest {
  readonly query?: object;
  /** Sent as JSON. */
  readonly body?: object;
  /** Sent as it is, in place of `body`. */
  readonly text?: { readonly media: string; readonly content: string };
  /** For a request that may take longer than others. */
  readonly timeoutMs?: number;
}

/** A whole answer of the API; `error` is what to throw where that refusal was not expected. */
export type Reply =
  | { readonly success: true; readonly data: unknown }
  | { readonly success: false; readonly data: unknown; readonly error: ApiError };

/** Sends requests and reads the frame around every answer. */
export class ApiConnection {
  readonly #baseUrl: string;
  readonly #timeoutMs: number;
  readonly #headers: Readonly<Record<string, string>>;

  constructor({
    baseUrl = "http://127.0.0.1:3000/api",
    timeoutMs = 10_000,
    token,
    headers = {},
  }: ConnectionOptions) {
    this.#baseUrl = parseBaseUrl(baseUrl);
    this.#timeoutMs = timeoutMs;
    this.#headers = { ...headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) };
  }

  /** The data of a success, which is taken at its word. Throws `ApiError` for anything else. */
  async ask<T>(method: string, path: string, request?: ApiRequest): Promise<T> {
    const reply = await this.send(method, path, request);
    if (!reply.success) throw reply.error;
    return reply.data as T;
  }

  /** Opens a stream of text that goes on until `signal` is aborted. Throws `ApiError`, also while it is read. */
  async stream(
    path: string,
    query: object,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<AsyncIterable<string>> {
    const url = `${this.#baseUrl}${path}${search(query)}`;
    try {
      const sent = { ...this.#headers, ...headers };
      const response = await fetch(url, { headers: sent, signal, redirect: "manual" });
      if (response.ok && response.body) return textOf(response.body);
      const reply = readReply(response, await response.text());
      if (!reply.success) throw reply.error;
      throw new ApiError("unexpected_answer", "Not a stream", { httpStatus: response.status });
    } catch (cause) {
      if (cause instanceof ApiError) throw cause;
      throw new ApiError("unreachable", "The key pool cannot be reached", { cause });
    }
  }

  /** Throws `ApiError` when there was no answer of this API. */
  async send(method: string, path: string, request?: ApiRequest): Promise<Reply> {
    const { response, text } = await this.#exchange(method, path, request);
    return readReply(response, text);
  }

  /** The text of a file, which comes without the frame. Throws `ApiError` for anything else. */
  async download(path: string, request?: ApiRequest): Promise<string> {
    const { response, text } = await this.#exchange("GET", path, request);
    if (response.ok && response.headers.has("content-disposition")) return text;
    const reply = readReply(response, text);
    throw reply.success ? new ApiError("unexpected_answer", "Not a file of the key pool") : reply.error;
  }

  async #exchange(method: string, path: string, request: ApiRequest = {}) {
    const { query = {}, body, timeoutMs = this.#timeoutMs } = request;
    const text = request.text ?? (body && { media: "application/json", content: JSON.stringify(body) });
    const url = `${this.#baseUrl}${path}${search(query)}`;
    try {
      const response = await fetch(url, {
        method,
        headers: { ...this.#headers, ...(text && { "content-type": text.media }) },
        body: text?.content ?? null,
        signal: AbortSignal.timeout(timeoutMs),
        // A body may hold a secret and follows nobody to another host.
        redirect: "manual",
      });
      return { response, text: await response.text() };
    } catch (cause) {
      const timedOut = cause instanceof Error && cause.name === "TimeoutError";
      if (timedOut) throw new ApiError("timed_out", `No answer within ${timeoutMs} ms`, { cause });
      throw new ApiError("unreachable", "The key pool cannot be reached", { cause });
    }
  }
}

/** The value is not repeated in what is thrown: somebody may have put a password into it. */
function parseBaseUrl(text: string): string {
  const url = URL.parse(text);
  const bare = url?.username === "" && url.password === "" && url.search === "" && url.hash === "";
  if (!bare || !/^https?:$/.test(url.protocol)) {
    throw new TypeError("baseUrl must be an http or https URL without credentials, query and fragment");
  }
  return url.href.replace(/\/+$/, "");
}

async function* textOf(bytes: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  try {
    for await (const piece of bytes) yield decoder.decode(piece, { stream: true });
  } catch (cause) {
    throw new ApiError("unreachable", "The connection to the key pool was lost", { cause });
  }
}

function search(query: object): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  return parameters.size === 0 ? "" : `?${parameters}`;
}

function readReply({ status, headers }: Response, text: string): Reply {
  const seen = {
    httpStatus: status,
    requestId: headers.get("x-request-id") ?? undefined,
    retryAfterSeconds: secondsOf(headers.get("retry-after")),
  };
  const answer = parseAnswer(text);
  if (answer?.success === true) return { success: true, data: answer.data };
  if (typeof answer?.code !== "string" || typeof answer.error !== "string") {
    throw new ApiError("unexpected_answer", `Not an answer of the key pool (HTTP ${status})`, seen);
  }
  const details = Array.isArray(answer.details) ? (answer.details as readonly BadField[]) : [];
  const error = new ApiError(answer.code, answer.error, { ...seen, details });
  return { success: false, data: answer.data, error };
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
