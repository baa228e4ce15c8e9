const BYTE_ORDER_MARK = "\uFEFF";

/** Windows tools begin a text with the mark, which is no part of its JSON (RFC 8259, 8.1, lets a reader ignore it). */
export function withoutByteOrderMark(text: string): string {
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(BYTE_ORDER_MARK.length) : text;
}
