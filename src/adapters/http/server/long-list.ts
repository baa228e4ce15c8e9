const PIECE = 500;

/**
 * A list in an answer that may have a hundred thousand items. Only the first page is there when the answer begins;
 * the others are read and presented while it is sent, page by page as the caller takes them, for making all of its
 * JSON at once would hold up the hand-outs for a third of a second.
 */
export class LongList {
  // At once: what is wrong with the items shows while the answer can still be another.
  readonly #first: readonly unknown[];
  readonly #others: AsyncIterable<readonly unknown[]> | undefined;

  private constructor(first: readonly unknown[], others?: AsyncIterable<readonly unknown[]>) {
    this.#first = first;
    this.#others = others;
  }

  static of<T>(items: readonly T[], present: (item: T) => unknown): LongList {
    const first = items.slice(0, PIECE).map(present);
    return items.length > PIECE
      ? new LongList(first, presented(slices(items), present))
      : new LongList(first);
  }

  /** Reads two pages; what follows is read while it is sent, and no longer than it is sent. */
  static async reading<T>(
    pages: AsyncIterable<readonly T[]>,
    present: (item: T) => unknown,
  ): Promise<LongList> {
    const reader = pages[Symbol.asyncIterator]();
    const first = await reader.next();
    const second = first.done ? first : await reader.next();
    const items = first.done ? [] : first.value;
    if (second.done) return new LongList(items.map(present));
    return new LongList(items.map(present), presented(rest(second.value, reader), present));
  }

  get isLong(): boolean {
    return this.#others !== undefined;
  }

  toJSON(): readonly unknown[] {
    if (this.#others) throw new Error("A long list is sent in pieces");
    return this.#first;
  }

  async *pieces(): AsyncGenerator<string> {
    yield "[";
    yield itemsIn(this.#first);
    for await (const page of this.#others ?? []) {
      // A stream whose reader keeps up would go on without letting anything else run.
      await new Promise(setImmediate);
      if (page.length > 0) yield `,${itemsIn(page)}`;
    }
    yield "]";
  }
}

/** Whether the fields of an answer, or of objects in it, have a list that is long. */
export function hasLongList(fields: object): boolean {
  return Object.values(fields).some((value) =>
    value instanceof LongList ? value.isLong : isFields(value) && hasLongList(value),
  );
}

/** The JSON of an answer; only its long lists are cut. */
export async function* piecesOf(value: unknown): AsyncGenerator<string> {
  if (value instanceof LongList) {
    yield* value.pieces();
    return;
  }
  if (!isFields(value)) {
    yield JSON.stringify(value);
    return;
  }
  let before = "{";
  for (const [name, field] of Object.entries(value)) {
    if (field === undefined) continue;
    yield `${before}${JSON.stringify(name)}:`;
    yield* piecesOf(field);
    before = ",";
  }
  yield before === "{" ? "{}" : "}";
}

async function* slices<T>(items: readonly T[]): AsyncGenerator<readonly T[]> {
  for (let start = PIECE; start < items.length; start += PIECE) yield items.slice(start, start + PIECE);
}

async function* rest<T>(second: T, reader: AsyncIterator<T>): AsyncGenerator<T> {
  yield second;
  yield* { [Symbol.asyncIterator]: () => reader };
}

async function* presented<T>(
  pages: AsyncIterable<readonly T[]>,
  present: (item: T) => unknown,
): AsyncGenerator<readonly unknown[]> {
  for await (const page of pages) yield page.map(present);
}

function itemsIn(list: readonly unknown[]): string {
  return JSON.stringify(list).slice(1, -1);
}

function isFields(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
