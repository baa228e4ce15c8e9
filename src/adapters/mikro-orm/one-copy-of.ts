const CAPACITY = 1000;
const copies = new Map<string, string>();

/** The same text, not held again for every row: the driver makes a new string for each value it reads. */
export function oneCopyOf<T extends string>(text: T): T {
  const known = copies.get(text);
  if (known !== undefined) return known as T;
  if (copies.size >= CAPACITY) copies.clear();
  copies.set(text, text);
  return text;
}
