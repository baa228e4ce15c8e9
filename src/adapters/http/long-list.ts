const PIECE = 500;

/**
 * A list in an answer that may have a hundred thousand items. It is presented only while it is sent, piece by
 * piece, for making its JSON at once would hold up the hand-outs for a third of a second.
 */
export class LongList<T> {
  // At once: what is wrong with the items shows while the answer can still be another.
  readonly #first: readonly unknown[];
  readonly #items: readonly T[];
  readonly #present: (item: T) => unknown;

  constructor(items: readonly T[], present: (item: T) => unknown) {
    this.#items = items;
    this.#present = present;
    this.#first = items.slice(0, PIECE).map(present);
  }

  get isLong(): boolean {
    return this.#items.length > PIECE;
  }

  toJSON(): unknown[] {
    return [...this.#first, ...this.#items.slice(PIECE).map(this.#present)];
  }

  async *pieces(): AsyncGenerator<string> {
    yield "[";
    yield itemsIn(this.#first);
    for (let start = PIECE; start < this.#items.length; start += PIECE) {
      // A stream whose reader keeps up would go on without letting anybody else in.
      await new Promise(setImmediate);
      yield `,${itemsIn(this.#items.slice(start, start + PIECE).map(this.#present))}`;
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

function itemsIn(list: readonly unknown[]): string {
  return JSON.stringify(list).slice(1, -1);
}

function isFields(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
