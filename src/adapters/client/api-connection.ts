import { ApiError } from "./api-error.ts";
import { type Reply, readDocument, readReply } from "./api-reply.ts";
import { backoffMs } from "./backoff.ts";
import type { CallInfo, ClientHooks, RetryInfo } from "./client-hooks.ts";
import { SafeHooks } from "./safe-hooks.ts";
import { pause, type Wait } from "./wait.ts";

/** How long a request may take until its whole answer is here. */
export const DEFAULT_TIMEOUT_MS = 10_000;

export interface ConnectionOptions {
  /** Where the API is, `/api` included. Default `http://127.0.0.1:3000/api`. */
  readonly baseUrl?: string;
  /** How long a request may take until its whole answer is here, in milliseconds. Default 10 000. */
  readonly timeoutMs?: number;
  /** Sent with each request; needed as soon as the pool has any token. */
  readonly token?: string;
  /** Sent with each request, such as what a proxy in front of the API asks for; a function is asked for each. */
  readonly headers?: Readonly<Record<string, string>> | (() => Readonly<Record<string, string>>);
  /** Ends requests and waiting, which reject with its reason, and streams; what `withKey` gives back is not ended. */
  readonly signal?: AbortSignal;
  /**
   * How often a request is made again that had no answer, or found the server unable to give one, where it does no harm
   * to ask twice: readings, reports, enabling and disabling, giving leases back. Default 2.
   */
  readonly retries?: number;
  readonly hooks?: ClientHooks;
  /** How it waits between two tries, in milliseconds; for tests. */
  readonly wait?: Wait;
  /** From 0 to below 1, for what is left to chance; for tests. */
  readonly random?: () => number;
}

/** What can be said for some requests alone. */
export type CallOptions = Pick<ConnectionOptions, "signal" | "timeoutMs" | "retries">;

export interface ApiRequest {
  readonly query?: object;
  /** Sent as JSON. */
  readonly body?: object;
  /** Sent as it is, in place of `body`. */
  readonly text?: { readonly media: string; readonly content: string };
  /** For a request that may take longer than others. */
  readonly timeoutMs?: number;
  /** Whether it may be made again when nobody knows whether it was done. Default: only of a GET. */
  readonly isRepeatable?: boolean;
}

/** What came of a request in the end; attempts count from 1. */
export type LastReply = Reply & { readonly attempt: number };

export interface StreamRequest {
  readonly headers: Readonly<Record<string, string>>;
  /** Ends it. */
  readonly signal: AbortSignal;
  readonly attempt: number;
}

/** Sends requests and reads the frame around every answer. */
export class ApiConnection {
  readonly #options: ConnectionOptions;
  readonly #baseUrl: string;
  readonly #timeoutMs: number;
  readonly #retries: number;
  readonly #wait: Wait;
  readonly #hooks: SafeHooks;

  constructor(options: ConnectionOptions) {
    const {
      baseUrl = "http://127.0.0.1:3000/api",
      timeoutMs = DEFAULT_TIMEOUT_MS,
      retries = 2,
      wait = pause,
    } = options;
    this.#options = options;
    this.#baseUrl = parseBaseUrl(baseUrl);
    this.#timeoutMs = timeoutMs;
    this.#retries = retries;
    this.#wait = wait;
    this.#hooks = new SafeHooks(options.hooks);
  }

  get signal(): AbortSignal | undefined {
    return this.#options.signal;
  }

  /** The pause after so many failures in a row, the last of which is `error`; see `backoffMs`. */
  backoffMs(failures: number, error?: ApiError, firstMs?: number): number {
    const askedMs = (error?.retryAfterSeconds ?? 0) * 1000;
    return backoffMs(failures, { askedMs, firstMs, random: this.#options.random });
  }

  /** The data of a success, which is taken at its word. Throws `ApiError` for anything else. */
  async ask<T>(method: string, path: string, request?: ApiRequest): Promise<T> {
    const reply = await this.send(method, path, request);
    if (!reply.success) throw reply.error;
    return reply.data as T;
  }

  /**
   * The text of a stream, which goes on until `signal` is aborted; `attempt` counts from 1. Throws `ApiError`, also while it
   * is read.
   */
  async stream(
    path: string,
    query: object,
    { headers, signal, attempt }: StreamRequest,
  ): Promise<AsyncIterable<string>> {
    const url = `${this.#baseUrl}${path}${search(query)}`;
    const reply = await this.#try({ method: "GET", path, attempt }, async () => {
      try {
        const sent = { ...this.#headers(), ...headers };
        const response = await fetch(url, { headers: sent, signal, redirect: "manual" });
        const { status: httpStatus } = response;
        if (isStream(response)) return { success: true, data: textOf(response.body), httpStatus };
        const refusal = readReply(response, await response.text());
        if (refusal.success) throw new ApiError("unexpected_answer", "Not a stream", { httpStatus });
        return refusal;
      } catch (cause) {
        if (cause instanceof ApiError) throw cause;
        throw new ApiError("unreachable", "The key pool cannot be reached", { cause });
      }
    });
    if (!reply.success) throw reply.error;
    return reply.data as AsyncIterable<string>;
  }

  /** Tells the hooks that a stream is opened again. */
  streamRetried(retry: Omit<RetryInfo, "method">): void {
    this.#hooks.retried({ method: "GET", ...retry });
  }

  /** Throws `ApiError` when there was no answer of this API, and the reason of the signal that ended it. */
  send(method: string, path: string, request: ApiRequest = {}): Promise<LastReply> {
    return this.#send(method, path, request, readReply);
  }

  /** A document that comes without the frame, known by one of its members. Throws `ApiError` for anything else. */
  async download<T>(path: string, member: keyof T & string, request: ApiRequest = {}): Promise<T> {
    const reply = await this.#send("GET", path, request, (response, text) =>
      readDocument(response, text, member),
    );
    if (!reply.success) throw reply.error;
    return reply.data as T;
  }

  async #send(method: string, path: string, request: ApiRequest, read: typeof readReply): Promise<LastReply> {
    const { isRepeatable = method === "GET" } = request;
    for (let attempt = 1; ; attempt++) {
      const call = { method, path, attempt };
      const [outcome] = await Promise.allSettled([
        this.#try(call, () => this.#exchange(call, request, read)),
      ]);
      const error = errorIn(outcome);
      if (error && isRepeatable && attempt <= this.#retries && isUnable(error)) {
        const delayMs = this.backoffMs(attempt, error);
        this.#hooks.retried({ ...call, error, delayMs });
        await this.#wait(delayMs, this.signal);
        this.signal?.throwIfAborted();
      } else if (outcome.status === "rejected") throw outcome.reason;
      else return { ...outcome.value, attempt };
    }
  }

  /** Asks once, and tells the hooks. */
  async #try(call: CallInfo, ask: () => Promise<Reply>): Promise<Reply> {
    const ended = this.#hooks.called(call);
    const [outcome] = await Promise.allSettled([ask()]);
    const error = errorIn(outcome);
    ended({
      httpStatus: outcome.status === "fulfilled" ? outcome.value.httpStatus : error?.httpStatus,
      error,
    });
    if (outcome.status === "rejected") throw outcome.reason;
    return outcome.value;
  }

  #headers(): Readonly<Record<string, string>> {
    const { headers = {}, token } = this.#options;
    const sent = typeof headers === "function" ? headers() : headers;
    return token === undefined ? sent : { ...sent, authorization: `Bearer ${token}` };
  }

  async #exchange({ method, path }: CallInfo, request: ApiRequest, read: typeof readReply): Promise<Reply> {
    const { query = {}, body, timeoutMs = this.#timeoutMs } = request;
    const text = request.text ?? (body && { media: "application/json", content: JSON.stringify(body) });
    const url = `${this.#baseUrl}${path}${search(query)}`;
    const over = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetch(url, {
        method,
        headers: { ...this.#headers(), ...(text && { "content-type": text.media }) },
        body: text?.content ?? null,
        signal: this.signal ? AbortSignal.any([this.signal, over]) : over,
        // A body may hold a secret and follows nobody to another host.
        redirect: "manual",
      });
      return read(response, await response.text());
    } catch (cause) {
      if (cause instanceof ApiError) throw cause;
      this.signal?.throwIfAborted();
      if (over.aborted) throw new ApiError("timed_out", `No answer within ${timeoutMs} ms`, { cause });
      throw new ApiError("unreachable", "The key pool cannot be reached", { cause });
    }
  }
}

function errorIn(outcome: PromiseSettledResult<Reply>): ApiError | undefined {
  if (outcome.status === "fulfilled") return outcome.value.success ? undefined : outcome.value.error;
  return outcome.reason instanceof ApiError ? outcome.reason : undefined;
}

/** Whether it may well be answered a moment later; other refusals are answers. */
function isUnable({ code, httpStatus = 503 }: ApiError): boolean {
  if (code === "unexpected_answer") return httpStatus >= 502 && httpStatus <= 504;
  return code === "unreachable" || code === "timed_out" || code === "storage_unavailable";
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

function isStream(response: Response): response is Response & { readonly body: ReadableStream<Uint8Array> } {
  const media = response.headers.get("content-type") ?? "";
  return response.ok && response.body !== null && media.startsWith("text/event-stream");
}

/** With a reader, for Safari cannot iterate over a stream. */
async function* textOf(bytes: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = bytes.getReader();
  const decoder = new TextDecoder();
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      yield decoder.decode(read.value, { stream: true });
    }
  } catch (cause) {
    throw new ApiError("unreachable", "The connection to the key pool was lost", { cause });
  } finally {
    // Hangs up when it is read no further; a connection that is lost already refuses that.
    reader.cancel().catch(() => {});
  }
}

function search(query: object): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  return parameters.size === 0 ? "" : `?${parameters}`;
}
