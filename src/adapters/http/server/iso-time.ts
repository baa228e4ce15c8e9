export function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

/** The same for an instant that many answers share: the last text is kept. */
export function rememberIsoTime(): (epochMs: number) => string {
  let [last, text] = [Number.NaN, ""];
  return (epochMs) => {
    if (epochMs !== last) {
      text = isoTime(epochMs);
      last = epochMs;
    }
    return text;
  };
}
