import type { ListedKey } from "../app/answers.ts";
import { now } from "../app/clock.ts";
import { BarChart, Legend } from "../parts/bar-chart.tsx";
import { sumOf } from "../parts/bars.ts";
import { Failure } from "../parts/failure.tsx";
import { hoursOf } from "../parts/report-hours.ts";
import { useReportHistory } from "../parts/use-report-history.ts";
import { t } from "../text/text.ts";

interface UsageChartProps {
  readonly listed: ListedKey;
  /** Another number when something has been reported since. */
  readonly version: number;
}

/** What was reported on a key in the last day. */
export function UsageChart({ listed: { id, service }, version }: UsageChartProps) {
  const { history } = t.value;
  const { counts, failure } = useReportHistory({ service, key_id: id }, version);
  const hours = hoursOf(counts ?? [], now.value);
  const total = hours.reduce((sum, hour) => sum + sumOf(hour), 0);
  return (
    <section class="card" aria-label={history.usage}>
      <div class="card-head">
        <h2>{history.usage}</h2>
        <span class="muted">{history.help}</span>
      </div>
      {failure && <Failure failure={failure} />}
      {counts && (
        <BarChart
          bars={hours}
          label={history.chart(total)}
          empty={history.noReports}
          hasTick={(date) => date.getHours() % 4 === 0}
          titleOf={(time, { ok, throttled, refused, failed }) =>
            history.hour(time, ok, throttled, refused, failed)
          }
          step={30}
          height={100}
        />
      )}
      <Legend names={history.classes} />
    </section>
  );
}
