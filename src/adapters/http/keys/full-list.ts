import { hangUpOf, whenAnswered } from "../server/hang-up.ts";
import { LongList } from "../server/long-list.ts";
import type { Places } from "../server/places.ts";
import type { RequestContext } from "../server/request-context.ts";

/** Longer than any reader needs to take what is in its socket's buffer. */
const READER_TIMEOUT_MS = 30_000;

/**
 * A list that may be of a whole service, read as the caller takes it. It waits for one of the places, for each such
 * list keeps the database and this process busy, and gives it back when the answer has been sent or the caller is gone.
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
