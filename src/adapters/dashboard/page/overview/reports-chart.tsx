import { now } from "../app/clock.ts";
import { locale, t } from "../text/text.ts";
import { type CountedMinute, countMinutes, MINUTES, REPORT_CLASSES } from "./report-counts.ts";
import { useReports } from "./use-reports.ts";

const STEP = 40;
const BAR = 26;
const HEIGHT = 140;

export function ReportsChart() {
  const { overview } = t.value;
  const minutes = countMinutes(useReports(), now.value);
  const most = Math.max(...minutes.map(sumOf), 1);
  const total = minutes.reduce((sum, minute) => sum + sumOf(minute), 0);
  return (
    <section class="card" aria-label={overview.reports}>
      <div class="card-head">
        <h2>{overview.reports}</h2>
        <span class="muted">{overview.reportsHelp}</span>
      </div>
      <div class="plot">
        <svg viewBox={`0 -6 ${MINUTES * STEP} ${HEIGHT + 26}`} role="img" aria-label={overview.chart(total)}>
          <line class="axis" x1="0" x2={MINUTES * STEP} y1={HEIGHT} y2={HEIGHT} />
          {total > 0 && <line class="guide" x1="0" x2={MINUTES * STEP} y1="12" y2="12" />}
          {total > 0 && (
            <text x="0" y="8">
              {most.toLocaleString(locale.value)}
            </text>
          )}
          {minutes.map((minute, index) => (
            <Bar key={minute.at} minute={minute} x={index * STEP + (STEP - BAR) / 2} most={most} />
          ))}
        </svg>
        {total === 0 && <p class="muted empty">{overview.noReports}</p>}
      </div>
      <ul class="legend">
        {REPORT_CLASSES.map((one) => (
          <li key={one} class={one}>
            {overview.classes[one]}
          </li>
        ))}
      </ul>
    </section>
  );
}

interface BarProps {
  readonly minute: CountedMinute;
  readonly x: number;
  readonly most: number;
}

function Bar({ minute, x, most }: BarProps) {
  const scale = (HEIGHT - 12) / most;
  const time = new Date(minute.at).toLocaleTimeString(locale.value, { hour: "2-digit", minute: "2-digit" });
  let top = HEIGHT;
  return (
    <g>
      <title>
        {t.value.overview.minute(time, minute.ok, minute.throttled, minute.refused, minute.failed)}
      </title>
      {REPORT_CLASSES.filter((one) => minute[one] > 0).map((one) => {
        const height = minute[one] * scale;
        top -= height;
        return <rect key={one} class={one} x={x} y={top} width={BAR} height={height} />;
      })}
      {new Date(minute.at).getMinutes() % 5 === 0 && (
        <text x={x + BAR / 2} y={HEIGHT + 15} class="tick">
          {time}
        </text>
      )}
    </g>
  );
}

function sumOf(minute: CountedMinute): number {
  return REPORT_CLASSES.reduce((sum, one) => sum + minute[one], 0);
}
