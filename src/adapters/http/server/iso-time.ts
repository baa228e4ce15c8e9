export function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

/** The same for instants that many share: the last text is kept. */
export function rememberIsoTime(): (epochMs: number) => string {
  let [last, text] = [Number.NaN, ""];
  return (epochMs) => {
    if (epochMs !== last) {
      last = epochMs;
      text = isoTime(epochMs);
    }
    return text;
  };
}
