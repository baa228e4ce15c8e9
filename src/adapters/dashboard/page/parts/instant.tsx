import { now } from "../app/clock.ts";
import { ago } from "../text/durations.ts";
import { locale } from "../text/text.ts";

interface InstantProps {
  readonly at: string;
  /** `ago` says how long ago, `clock` the time of a day that need not be named, `full` both. Default: full. */
  readonly as?: "ago" | "clock" | "full";
}

/** An instant as people read it, with the whole of it on hover. */
export function Instant({ at, as = "full" }: InstantProps) {
  const date = new Date(at);
  const full = date.toLocaleString(locale.value, { dateStyle: "medium", timeStyle: "medium" });
  return (
    <time dateTime={at} title={full} class="number">
      {as === "ago" && ago(now.value - date.getTime(), locale.value)}
      {as === "clock" && date.toLocaleTimeString(locale.value)}
      {as === "full" && full}
    </time>
  );
}
