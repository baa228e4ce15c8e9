import type { ParameterizedContext } from "koa";
import type { Caller } from "../../../application/index.ts";
import type { CountAnswer } from "./http-metrics.ts";

/** What one request gathers on its way. */
export interface RequestState {
  requestId: string;
  /** The pattern that matched, such as `/api/keys/:key`; the path itself may hold a secret. */
  route?: string;
  /** Counts the answer, by the route that was found. */
  count?: CountAnswer | undefined;
  /** How an answer that is no failure is logged; see `Route.logged`. */
  logged?: "seldom" | "debug";
  /** The parsed body, for masking what it holds in the description of a fault. */
  body?: unknown;
  /** Who calls; undefined for somebody without a token, where anyone may call. */
  caller?: Caller | undefined;
  /** Whose token came with the request, where that has just been looked up. */
  known?: Caller | undefined;
  /** From which address the request comes, past the proxies that are trusted. */
  addressOf?: (ctx: RequestContext) => string;
  /** Asks again whether the caller may: reading a body takes time, and a stream goes on. Throws as the guard does. */
  recheck?: () => void;
  /** A refusal that the log has been told of already. */
  isRepeated?: boolean;
  /** When a stream began to be sent, by `performance.now()`. */
  begunAt?: number;
  /** Why a stream that was sent until now has ended. */
  ended?: string;
  /** The fault that kept the answer from being sent has been logged. */
  sendingFaultLogged?: boolean;
}

export type RequestContext = ParameterizedContext<
  RequestState,
  { readonly params?: Readonly<Record<string, string>> }
>;

declare const DATA: unique symbol;

/** The context of a route that answers such data; only the compiler knows. */
export type Answering<D> = RequestContext & { readonly [DATA]?: (data: D) => void };

export type Handler = (ctx: RequestContext) => void | Promise<void>;

/** What stands ahead of the question mark, as it was sent. */
export function rawPath(target: string): string {
  const mark = target.indexOf("?");
  return mark < 0 ? target : target.slice(0, mark);
}

/** The text after the question mark, as it was sent. */
export function rawQuery({ req: { url = "" } }: Pick<RequestContext, "req">): string {
  const mark = url.indexOf("?");
  return mark < 0 ? "" : url.slice(mark + 1);
}

/** The decoded `:key` of the path. */
export function keyParameter({ params }: RequestContext): string {
  return params?.key ?? "";
}
