/** A secret that may be nowhere. */
export interface Sought {
  /** For people. */
  readonly name: string;
  /** Visible ASCII. */
  readonly text: string;
  /** How many of its first characters may be shown; 4. */
  readonly shown?: number;
}

export interface Finding {
  readonly name: string;
  readonly form: string;
  readonly around: string;
}

/** So long that it is not there by chance: what is shorter of a secret is not found. */
const PIECE = 12;
/** Every run of this many characters and `PIECE` more has a piece in it. */
const STRIDE = 4;
const AROUND = 200;

const RUNS = new RegExp(`[\\x21-\\x7e]{${PIECE},}`, "g");
/** UTF-16 of either byte order: without the zeros at its ends it is the same bytes. */
const WIDE_RUNS = new RegExp(`(?:[\\x21-\\x7e]\\0){${PIECE - 1},}[\\x21-\\x7e]`, "g");

interface Pattern {
  readonly name: string;
  readonly form: string;
  readonly text: string;
}

/**
 * Looks for pieces of secrets in bytes of any kind: plain in any letter case, in UTF-16, base64 and base64url at any
 * offset, hexadecimal, URL-escaped and JSON-escaped.
 */
export class SecretSearch {
  /** Found in whatever letter case. */
  readonly #caseless: Patterns;
  readonly #exact: Patterns;

  constructor(secrets: readonly Sought[]) {
    const patterns = (forms: Forms, spell: (text: string) => string) =>
      secrets.flatMap(({ name, text, shown = 4 }) =>
        piecesOf(text.slice(shown)).flatMap((piece) =>
          Object.entries(forms).flatMap(([form, of]) =>
            of(piece).map((text) => ({ name, form, text: spell(text) })),
          ),
        ),
      );
    this.#caseless = new Patterns(patterns(CASELESS, (text) => text.toLowerCase()));
    this.#exact = new Patterns(patterns(EXACT, (text) => text));
  }

  /** The first of each form of each secret. */
  in(bytes: Uint8Array | string): readonly Finding[] {
    const all = Buffer.from(bytes as Uint8Array).toString("latin1");
    const text = runsOf(all);
    const found = new Map<string, Finding>();
    const find = (at: number, { name, form, text: piece }: Pattern) => {
      if (found.has(`${name} ${form}`)) return;
      const where = all.indexOf(text.slice(at, at + piece.length));
      // What is wide stands there in another form.
      const around = where < 0 ? textAround(text, at) : textAround(all, where);
      found.set(`${name} ${form}`, { name, form, around });
    };
    this.#caseless.each(text.toLowerCase(), find);
    this.#exact.each(text, find);
    return [...found.values()];
  }
}

/** Thousands of them, found in one walk through a text. */
class Patterns {
  readonly #byBeginning = new Map<number, Pattern[]>();
  /** Tells most places that begin no pattern without a look into the map. */
  readonly #begins = new Uint8Array(BEGINNINGS);

  constructor(patterns: readonly Pattern[]) {
    for (const pattern of patterns) {
      const beginning = beginningOf(pattern.text, 0);
      this.#begins[beginning] = 1;
      const alike = this.#byBeginning.get(beginning);
      if (alike) alike.push(pattern);
      else this.#byBeginning.set(beginning, [pattern]);
    }
  }

  each(text: string, find: (at: number, pattern: Pattern) => void): void {
    for (let at = 0; at + PIECE <= text.length; at++) {
      const beginning = beginningOf(text, at);
      if (this.#begins[beginning] === 0) continue;
      for (const pattern of this.#byBeginning.get(beginning) ?? []) {
        if (text.startsWith(pattern.text, at)) find(at, pattern);
      }
    }
  }
}

const BEGINNINGS = 2 ** 20;

/** A number from the first five characters. */
function beginningOf(text: string, at: number): number {
  let beginning = 0;
  for (let n = 0; n < 5; n++) beginning = (beginning * 37 + text.charCodeAt(at + n)) & (BEGINNINGS - 1);
  return beginning;
}

type Forms = Readonly<Record<string, (piece: string) => readonly string[]>>;

const bytesOf = (piece: string) => [...Buffer.from(piece)];
const hexOf = (byte: number) => byte.toString(16).padStart(2, "0");

const CASELESS: Forms = {
  plain: (piece) => [piece],
  hexadecimal: (piece) => [bytesOf(piece).map(hexOf).join("")],
  "URL-escaped": (piece) => [
    ...new Set([
      bytesOf(piece)
        .map((byte) => `%${hexOf(byte)}`)
        .join(""),
      ...differing(piece, encodeURIComponent(piece)),
    ]),
  ],
  "JSON-escaped": (piece) => [
    bytesOf(piece)
      .map((byte) => `\\u00${hexOf(byte)}`)
      .join(""),
    ...differing(piece, JSON.stringify(piece).slice(1, -1)),
  ],
};

const EXACT: Forms = {
  base64: (piece) => spellingsOf(piece).flatMap((spelling) => [0, 1, 2].map((at) => base64Of(spelling, at))),
  base64url: (piece) =>
    spellingsOf(piece).flatMap((spelling) =>
      [0, 1, 2].flatMap((at) => {
        const text = base64Of(spelling, at);
        return differing(text, text.replaceAll("+", "-").replaceAll("/", "_"));
      }),
    ),
};

/** What base64 makes of the piece in the middle of other bytes, so many of them before it. */
function base64Of(piece: string, offset: number): string {
  const text = Buffer.from(" ".repeat(offset) + piece)
    .toString("base64")
    .replace(/=+$/, "");
  // The characters at the ends have bits of the neighbours too.
  const first = [0, 2, 3][offset] as number;
  return text.slice(first, (offset + piece.length) % 3 === 0 ? undefined : -1);
}

function spellingsOf(piece: string): readonly string[] {
  return [...new Set([piece, piece.toLowerCase(), piece.toUpperCase()])];
}

function differing(from: string, text: string): readonly string[] {
  return text === from ? [] : [text];
}

function piecesOf(text: string): readonly string[] {
  const last = text.length - PIECE;
  if (last < 0) throw new RangeError(`Less than ${PIECE} characters cannot be told from chance`);
  const starts = Array.from({ length: Math.floor(last / STRIDE) + 1 }, (_, n) => n * STRIDE);
  return [...new Set([...starts, last])].map((at) => text.slice(at, at + PIECE));
}

function textAround(text: string, at: number): string {
  return text.slice(Math.max(0, at - AROUND), at + AROUND);
}

/** All that could be text, which is little of what a database writes. */
function runsOf(text: string): string {
  const wide = text.match(WIDE_RUNS) ?? [];
  return [...(text.match(RUNS) ?? []), ...wide.map((run) => run.replaceAll("\0", ""))].join("\n");
}
