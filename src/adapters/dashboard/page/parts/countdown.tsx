import { now } from "../app/clock.ts";
import { countdown } from "../text/durations.ts";

/** What is left until a deadline, each second anew. */
export function Countdown({ until }: { readonly until: string }) {
  return <span class="number">{countdown(Date.parse(until) - now.value)}</span>;
}
