import { z } from "zod";
import { ROLES } from "../../../domain/index.ts";
import type { DataOf } from "./answer-schemas.ts";
import type { FailureCode } from "./failure-codes.ts";
import type { CountAnswer } from "./http-metrics.ts";
import { type BodyOptions, readJson, rememberBodies } from "./read-body.ts";
import { readQuery, rememberQueries } from "./read-query.ts";
import { type Answering, type Handler, type RequestContext, rawQuery } from "./request-context.ts";
import { validate } from "./validate.ts";

export type Method = "HEAD" | "GET" | "POST" | "PUT" | "DELETE";

/** Who may call a route: who has the role, who has a token of any role, or anyone. */
export const CALLERS = ["anyone", "any role", ...ROLES] as const;
export type Callers = (typeof CALLERS)[number];

/** What a caller may send to a route and what comes back. */
export interface RouteContract {
  readonly method: Method;
  /** The whole path, in which one name such as `:key` may stand for one segment. */
  readonly path: string;
  /** The heading it is documented under. */
  readonly tag: string;
  /** In a few words, without a full stop. */
  readonly summary: string;
  /** What its caller has to know besides. Paragraphs are divided by an empty line, code stands in backquotes. */
  readonly description: string;
  readonly role: Callers;
  /** Whether it is about more than keys, so that a caller whose scope is not all keys may not. Default: false. */
  readonly global?: boolean;
  /** Whether a token has to be shown even where none is needed otherwise. Default: false. */
  readonly needsToken?: boolean;
  /** What the name in the path stands for. */
  readonly key?: string;
  /** What may stand in its place. Default: `1`. */
  readonly keyExample?: string;
  /** All of the query's parameters. Default: none. */
  readonly query?: z.ZodObject;
  /** Default: a body is refused when it is no JSON, and otherwise passed over. */
  readonly body?: z.ZodType;
  /** What the documentation shows instead of `body`, where it is checked later or in parts. */
  readonly documentedBody?: z.ZodType;
  /** A body to start from, which has to be accepted as it is. */
  readonly example?: unknown;
  /** Bodies that are no JSON, by media type. Default: none. */
  readonly texts?: Readonly<Record<string, DocumentedText>>;
  /** What comes back when it went well, or as well as a verdict goes; by HTTP status. */
  readonly answers: Readonly<Record<number, DocumentedAnswer>>;
  /** What may go wrong besides a bad request and a fault of our own. */
  readonly failures: readonly FailureCode[];
  /** Found ahead of the router: by one look-up, or with a name in its path by how that begins and ends. */
  readonly hot?: boolean;
  /**
   * How an answer that is no failure is logged: `seldom` only when it was slow, for a line costs as much as a hot
   * answer; `debug` at that level. Default: at `info`.
   */
  readonly logged?: "seldom" | "debug";
}

export interface DocumentedText {
  readonly description: string;
  readonly example: string;
}

export interface DocumentedAnswer {
  readonly description: string;
  /** Absent when there is no body. */
  readonly schema?: z.ZodType;
  /** Of what is no JSON. Default: `application/json`. */
  readonly mediaType?: string;
  /** What it may look like. Default: made from the schema, so that only what is no JSON needs one. */
  readonly example?: unknown;
  /** What fields of these names hold in that example, where it is not the usual. */
  readonly samples?: Readonly<Record<string, unknown>>;
  /** Whether browsers are answered a page instead. */
  readonly page?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One thing the API does: its contract and what answers it. Make it with `route`. */
export interface Route extends RouteContract {
  /** Reads query and body, then answers. */
  readonly answer: Handler;
  /** Called with each of its answers; added by the app. */
  readonly count?: CountAnswer;
}

type Answers = RouteContract["answers"];

export interface RouteDefinition<Q extends z.ZodObject, B extends z.ZodType, A extends Answers = Answers>
  extends RouteContract {
  readonly query?: Q;
  readonly body?: B;
  readonly answers: A;
  /** Whether its callers send the same few short bodies, without secrets: the last of them are remembered. Default: false. */
  readonly repeats?: boolean;
  /** How the body is read. Default: JSON of at most 100 kB. */
  readonly reading?: (ctx: RequestContext, query: z.output<Q>) => BodyOptions;
  readonly handler: (ctx: Answering<DataOf<A>>, sent: Sent<Q, B>) => void | Promise<void>;
}

/** What came with a request, as the schemas read it. */
export interface Sent<Q extends z.ZodObject, B extends z.ZodType> {
  readonly query: z.output<Q>;
  readonly body: z.output<B>;
}

/** Who reads of a body is shown one. */
type Exemplified<B extends z.ZodType> = B extends z.ZodUndefined ? unknown : { readonly example: unknown };

const NO_QUERY = z.object({});
type NoQuery = typeof NO_QUERY;

/** Makes a route of its contract and its handler, which gets query and body as the schemas read them. */
export function route<
  Q extends z.ZodObject = NoQuery,
  B extends z.ZodType = z.ZodUndefined,
  const A extends Answers = Answers,
>(definition: RouteDefinition<Q, B, A> & Exemplified<B>): Route {
  const {
    handler,
    repeats,
    reading = readingOf(repeats),
    ...contract
  }: RouteDefinition<Q, B, A> = definition;
  const queryOf = queryReader<Q>(contract);
  const { method } = contract;
  const bodyOf = bodyReader(contract.body, repeats);
  if (method === "GET" || method === "HEAD") {
    const nothing = undefined as z.output<B>;
    return {
      ...contract,
      answer: (ctx) => handler(ctx, { query: queryOf(rawQuery(ctx)), body: nothing }),
    };
  }
  return {
    ...contract,
    answer: async (ctx) => {
      const query = queryOf(rawQuery(ctx));
      const json = await readJson(ctx, reading?.(ctx, query));
      ctx.state.recheck?.();
      await handler(ctx, { query, body: bodyOf(json) } as Sent<Q, B>);
    },
  };
}

function readingOf(repeats = false): (() => BodyOptions) | undefined {
  if (!repeats) return undefined;
  const options = { parse: rememberBodies() };
  return () => options;
}

/** Checks a body; of one that is remembered only once. */
function bodyReader<B extends z.ZodType>(body: B | undefined, repeats = false) {
  const read = (json: unknown) => body && validate(body, json, "body");
  if (!repeats) return read;
  const known = new WeakMap<object, z.output<B> | undefined>();
  return (json: unknown) => {
    if (typeof json !== "object" || json === null) return read(json);
    let checked = known.get(json);
    if (checked === undefined) {
      checked = read(json);
      known.set(json, checked);
    }
    return checked;
  };
}

function queryReader<Q extends z.ZodObject>({ query = NO_QUERY, hot }: RouteContract) {
  const read = (text: string) => readQuery(query, text) as z.output<Q>;
  return hot ? rememberQueries(read) : read;
}
