import { locale } from "../text/text.ts";
import { type Bar, REPORT_CLASSES, type ReportClass, sumOf } from "./bars.ts";

interface BarChartProps {
  readonly bars: readonly Bar[];
  /** What the whole of it shows, for who does not see it. */
  readonly label: string;
  /** Stands in place of bars that are all empty. */
  readonly empty: string;
  /** Whether a bar's time is written below it. */
  readonly hasTick: (date: Date) => boolean;
  /** What one bar shows. */
  readonly titleOf: (time: string, bar: Bar) => string;
  /** The width of each bar with its share of the space between them. */
  readonly step: number;
  readonly height: number;
}

/** Bars of classes, each above the other. */
export function BarChart({ bars, label, empty, hasTick, titleOf, step, height }: BarChartProps) {
  const most = Math.max(...bars.map(sumOf), 1);
  const width = bars.length * step;
  const isEmpty = bars.every((bar) => sumOf(bar) === 0);
  return (
    <div class="plot">
      <svg viewBox={`0 -6 ${width} ${height + 26}`} role="img" aria-label={label}>
        <line class="axis" x1="0" x2={width} y1={height} y2={height} />
        {!isEmpty && <line class="guide" x1="0" x2={width} y1="12" y2="12" />}
        {!isEmpty && (
          <text x="0" y="8">
            {most.toLocaleString(locale.value)}
          </text>
        )}
        {bars.map((bar, index) => {
          const date = new Date(bar.at);
          const time = date.toLocaleTimeString(locale.value, { hour: "2-digit", minute: "2-digit" });
          const middle = (index + 0.5) * step;
          return (
            <g key={bar.at}>
              <title>{titleOf(time, bar)}</title>
              <Stack bar={bar} middle={middle} width={step * 0.65} most={most} height={height} />
              {hasTick(date) && (
                <text x={middle} y={height + 15} class="tick">
                  {time}
                </text>
              )}
            </g>
          );
        })}
      </svg>
      {isEmpty && <p class="muted empty">{empty}</p>}
    </div>
  );
}

interface StackProps {
  readonly bar: Bar;
  readonly middle: number;
  readonly width: number;
  readonly most: number;
  readonly height: number;
}

function Stack({ bar, middle, width, most, height }: StackProps) {
  let top = height;
  return (
    <>
      {REPORT_CLASSES.filter((one) => bar[one] > 0).map((one) => {
        const part = (bar[one] * (height - 12)) / most;
        top -= part;
        return <rect key={one} class={one} x={middle - width / 2} y={top} width={width} height={part} />;
      })}
    </>
  );
}

export function Legend({ names }: { readonly names: Readonly<Partial<Record<ReportClass, string>>> }) {
  return (
    <ul class="legend">
      {REPORT_CLASSES.filter((one) => names[one]).map((one) => (
        <li key={one} class={one}>
          {names[one]}
        </li>
      ))}
    </ul>
  );
}
