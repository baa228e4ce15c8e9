import { now } from "../app/clock.ts";
import { BarChart, Legend } from "../parts/bar-chart.tsx";
import { Failure } from "../parts/failure.tsx";
import { troubleByRegion } from "../parts/report-hours.ts";
import { useReportHistory } from "../parts/use-report-history.ts";
import { t } from "../text/text.ts";

const MOST_SHOWN = 6;

/** Where keys were throttled or refused in the last day. */
export function RegionCharts() {
  const { history } = t.value;
  const { counts, failure } = useReportHistory({});
  const regions = troubleByRegion(counts ?? [], now.value);
  return (
    <section class="card" aria-label={history.byRegion}>
      <div class="card-head">
        <h2>{history.byRegion}</h2>
        <span class="muted">{history.help}</span>
      </div>
      {failure && <Failure failure={failure} />}
      {counts && regions.length === 0 && <p class="muted">{history.noTrouble}</p>}
      {regions.length > 0 && (
        <>
          <div class="multiples">
            {regions.slice(0, MOST_SHOWN).map(({ region, hours, total }) => (
              <div key={region}>
                <h3>{region}</h3>
                <BarChart
                  bars={hours}
                  label={history.regionChart(region, total)}
                  empty=""
                  hasTick={(date) => date.getHours() % 6 === 0}
                  titleOf={(time, { throttled, refused }) => history.regionHour(time, throttled, refused)}
                  step={12}
                  height={80}
                />
              </div>
            ))}
          </div>
          {regions.length > MOST_SHOWN && (
            <p class="muted">{history.moreRegions(regions.length - MOST_SHOWN)}</p>
          )}
          <Legend names={history.regionClasses} />
        </>
      )}
    </section>
  );
}
