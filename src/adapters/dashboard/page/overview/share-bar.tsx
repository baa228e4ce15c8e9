import { t } from "../text/text.ts";

interface ShareBarProps {
  readonly usable: number;
  readonly resting: number;
  readonly disabled: number;
}

const WIDTH = 100;

/** How much of a pool can be used. */
export function ShareBar({ usable, resting, disabled }: ShareBarProps) {
  const total = usable + resting + disabled;
  const part = (n: number) => (n / total) * WIDTH;
  return (
    <svg
      class="share-bar"
      viewBox={`0 0 ${WIDTH} 6`}
      preserveAspectRatio="none"
      role="img"
      aria-label={t.value.overview.share(usable, resting, disabled)}
    >
      <rect class="usable" width={part(usable)} height="6" />
      <rect class="resting" x={part(usable)} width={part(resting)} height="6" />
      <rect class="disabled" x={part(usable + resting)} width={part(disabled)} height="6" />
    </svg>
  );
}
