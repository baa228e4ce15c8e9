import { now } from "../app/clock.ts";
import { BarChart, Legend } from "../parts/bar-chart.tsx";
import { Failure } from "../parts/failure.tsx";
import { byTrouble, troubleByRegion } from "../parts/report-hours.ts";
import { useReportHistory } from "../parts/use-report-history.ts";
import { t } from "../text/text.ts";

const MOST_SHOWN = 6;

/** Where keys of either service were throttled or refused in the last day. */
export function RegionCharts() {
  const { history, services } = t.value;
  // Apart, for a region of one service says nothing of the other's.
  const speech = useReportHistory({ service: "speech" });
  const translation = useReportHistory({ service: "translation" });
  const failure = speech.failure ?? translation.failure;
  const isRead = speech.counts !== undefined && translation.counts !== undefined;
  const regions = [
    ...troubleByRegion("speech", speech.counts ?? [], now.value),
    ...troubleByRegion("translation", translation.counts ?? [], now.value),
  ].toSorted(byTrouble);
  return (
    <section class="card" aria-label={history.byRegion}>
      <div class="card-head">
        <h2>{history.byRegion}</h2>
        <span class="muted">{history.help}</span>
      </div>
      {failure && <Failure failure={failure} />}
      {isRead && regions.length === 0 && <p class="muted">{history.noTrouble}</p>}
      {regions.length > 0 && (
        <>
          <div class="multiples">
            {regions.slice(0, MOST_SHOWN).map(({ service, region, hours, total }) => (
              <div key={`${service} ${region}`}>
                <h3>
                  {region} <span class="muted">{services[service]}</span>
                </h3>
                <BarChart
                  bars={hours}
                  label={history.regionChart(`${services[service]} · ${region}`, total)}
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
