const CAPACITY = 1000;
const copies = new Map<string, string>();

/** One string for equal texts: the driver makes a new one for each value that it reads. */
export function oneCopyOf<T extends string>(text: T): T {
  const known = copies.get(text);
  if (known !== undefined) return known as T;
  if (copies.size >= CAPACITY) copies.clear();
  copies.set(text, text);
  return text;
}
