import { now } from "../app/clock.ts";
import { BarChart, Legend } from "../parts/bar-chart.tsx";
import { sumOf } from "../parts/bars.ts";
import { t } from "../text/text.ts";
import { countMinutes } from "./report-counts.ts";
import { useReports } from "./use-reports.ts";

export function ReportsChart() {
  const { overview } = t.value;
  const minutes = countMinutes(useReports(), now.value);
  const total = minutes.reduce((sum, minute) => sum + sumOf(minute), 0);
  return (
    <section class="card" aria-label={overview.reports}>
      <div class="card-head">
        <h2>{overview.reports}</h2>
        <span class="muted">{overview.reportsHelp}</span>
      </div>
      <BarChart
        bars={minutes}
        label={overview.chart(total)}
        empty={overview.noReports}
        hasTick={(date) => date.getMinutes() % 5 === 0}
        titleOf={(time, { ok, throttled, refused, failed }) =>
          overview.minute(time, ok, throttled, refused, failed)
        }
        step={40}
        height={140}
      />
      <Legend names={overview.classes} />
    </section>
  );
}
