const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Such as `4:09`, `2:04:09`, or `3 d 04:09` for what is days away. Never shorter than what is left. */
export function countdown(ms: number): string {
  const left = Math.ceil(Math.max(0, ms) / SECOND) * SECOND;
  const part = (unit: number, of: number) => String(Math.floor((left % of) / unit)).padStart(2, "0");
  if (left >= DAY) return `${Math.floor(left / DAY)} d ${part(HOUR, DAY)}:${part(MINUTE, HOUR)}`;
  if (left >= HOUR) return `${Math.floor(left / HOUR)}:${part(MINUTE, HOUR)}:${part(SECOND, MINUTE)}`;
  return `${Math.floor(left / MINUTE)}:${part(SECOND, MINUTE)}`;
}

/** How long ago, in the language's own words. */
export function ago(ms: number, locale: string): string {
  const words = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  if (ms < 5 * SECOND) return words.format(0, "second");
  if (ms < MINUTE) return words.format(-Math.floor(ms / SECOND), "second");
  if (ms < HOUR) return words.format(-Math.floor(ms / MINUTE), "minute");
  if (ms < DAY) return words.format(-Math.floor(ms / HOUR), "hour");
  return words.format(-Math.floor(ms / DAY), "day");
}
