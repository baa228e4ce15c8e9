import { hangUpOf, whenAnswered } from "../server/hang-up.ts";
import { LongList } from "../server/long-list.ts";
import { Places } from "../server/places.ts";
import type { RequestContext } from "../server/request-context.ts";

/** How many lists are made at a time: each keeps the database and this process busy, and hand-outs go on between. */
export interface ListPlaces {
  readonly fullLists: FullLists;
  /** A page gives its place back once it is made. */
  readonly pages: Places;
}

interface FullLists {
  /** A whole list keeps its place until it has been sent. */
  readonly places: Places;
  readonly readings: Readings;
}

const AT_A_TIME = 2;

/** How long the place of a list that was given up stays taken, for who asks for lists and hangs up asks for many. */
const GIVEN_UP_MS = 50;

/** Longer than any reader needs to take what is in its socket's buffer. */
const READER_TIMEOUT_MS = 30_000;

export function listPlaces(): ListPlaces {
  const fullLists = { places: new Places(AT_A_TIME), readings: new Readings() };
  return { fullLists, pages: new Places(AT_A_TIME) };
}

/** Of all lists one page is read at a time, and one in a turn of the event loop. */
class Readings {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(read: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(() => new Promise(setImmediate)).then(read);
    this.#last = mine.catch(() => {});
    return mine;
  }
}

/**
 * A list that may be of a whole service, read as the caller takes it. It waits for one of the places and gives it back
 * when the answer has been sent or the caller is gone.
 */
export async function fullList<T>(
  ctx: RequestContext,
  { places, readings }: FullLists,
  pages: AsyncIterable<readonly T[]>,
  present: (item: T) => unknown,
): Promise<LongList> {
  const leave = await places.take(hangUpOf(ctx));
  const reader = pages[Symbol.asyncIterator]();
  // Also a list that was never begun to be sent.
  whenAnswered(ctx, () => {
    const giveBack = ctx.res.writableFinished ? leave : () => void setTimeout(leave, GIVEN_UP_MS);
    Promise.resolve(reader.return?.()).then(giveBack, giveBack);
  });
  // A caller that reads nothing would keep its place from all others.
  ctx.res.setTimeout(READER_TIMEOUT_MS, () => ctx.res.destroy());
  const next = () => readings.run(() => reader.next());
  return LongList.reading({ [Symbol.asyncIterator]: () => ({ next }) }, present);
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
