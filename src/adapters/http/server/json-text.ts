const BYTE_ORDER_MARK = "\uFEFF";

export function withoutByteOrderMark(text: string): string {
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(BYTE_ORDER_MARK.length) : text;
}

/**
 * The value of a JSON text, undefined when it is none. Windows tools begin a text with a byte order mark, which
 * is no part of it (RFC 8259, 8.1, lets a reader ignore it).
 */
export function parseText(text: string): unknown {
  try {
    return JSON.parse(withoutByteOrderMark(text));
  } catch {
    // The parser's own message quotes the text, which may hold secrets.
    return undefined;
  }
}
