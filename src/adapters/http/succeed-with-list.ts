import { Readable } from "node:stream";
import { succeed } from "./answers.ts";
import type { RequestContext } from "./request-context.ts";

const PIECE = 500;

/**
 * Answers 200 with a list. A long one goes out piece by piece, for making the JSON of a hundred thousand keys
 * at once would hold up the hand-outs for a third of a second.
 */
export function succeedWithList<T>(
  ctx: RequestContext,
  items: readonly T[],
  present: (item: T) => unknown,
  message: string,
): void {
  if (items.length <= PIECE) {
    succeed(ctx, items.map(present), message);
    return;
  }
  ctx.status = 200;
  ctx.type = "json";
  ctx.body = Readable.from(pieces(items, present, message), { objectMode: false });
}

async function* pieces<T>(
  items: readonly T[],
  present: (item: T) => unknown,
  message: string,
): AsyncGenerator<string> {
  yield '{"success":true,"data":[';
  for (let start = 0; start < items.length; start += PIECE) {
    if (start > 0) yield ",";
    yield JSON.stringify(items.slice(start, start + PIECE).map(present)).slice(1, -1);
    // A stream whose reader keeps up would go on without letting anybody else in.
    await new Promise(setImmediate);
  }
  yield `],"message":${JSON.stringify(message)}}`;
}
