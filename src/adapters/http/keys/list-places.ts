import { hangUpOf, whenAnswered } from "../server/hang-up.ts";
import { LongList } from "../server/long-list.ts";
import { Places } from "../server/places.ts";
import type { RequestContext } from "../server/request-context.ts";

/** How many lists are made at a time: each keeps the database and this process busy, and hand-outs go on between. */
export interface ListPlaces {
  /** A whole list keeps its place until it has been sent. */
  readonly fullLists: Places;
  /** A page gives its place back once it is made. */
  readonly pages: Places;
}

const AT_A_TIME = 2;

/** Longer than any reader needs to take what is in its socket's buffer. */
const READER_TIMEOUT_MS = 30_000;

export function listPlaces(): ListPlaces {
  return { fullLists: new Places(AT_A_TIME), pages: new Places(AT_A_TIME) };
}

/**
 * A list that may be of a whole service, read as the caller takes it. It waits for one of the places and gives it back
 * when the answer has been sent or the caller is gone.
 */
export async function fullList<T>(
  ctx: RequestContext,
  places: Places,
  pages: AsyncIterable<readonly T[]>,
  present: (item: T) => unknown,
): Promise<LongList> {
  const leave = await places.take(hangUpOf(ctx));
  const reader = pages[Symbol.asyncIterator]();
  // Also a list that was never begun to be sent.
  whenAnswered(ctx, () => Promise.resolve(reader.return?.()).then(leave, leave));
  // A caller that reads nothing would keep its place from all others.
  ctx.res.setTimeout(READER_TIMEOUT_MS, () => ctx.res.destroy());
  return LongList.reading({ [Symbol.asyncIterator]: () => reader }, present);
}

/** One page of a list, made when one of the places is free. */
export async function onePage<T>(ctx: RequestContext, places: Places, make: () => Promise<T>): Promise<T> {
  const leave = await places.take(hangUpOf(ctx));
  try {
    return await make();
  } finally {
    // Not before the page is on its way and all else that came meanwhile has had its turn.
    setImmediate(leave);
  }
}
