/** `2027-01-31 09:00:00`, in UTC as everywhere in this project. */
export function shortTime(iso: string | null): string | null {
  return iso === null ? null : iso.slice(0, 19).replace("T", " ");
}

/** `1h 5m`, `42s`: the two largest parts of a time span. */
export function spanOf(seconds: number): string {
  const parts: string[] = [];
  let rest = Math.max(0, Math.ceil(seconds));
  for (const [unit, size] of [
    ["d", 86_400],
    ["h", 3600],
    ["m", 60],
    ["s", 1],
  ] as const) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count}${unit}`);
  }
  return parts.slice(0, 2).join(" ") || "0s";
}
