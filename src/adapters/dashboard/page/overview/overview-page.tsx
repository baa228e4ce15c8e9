import type { Health, KeyPage, ListedKey, PoolState } from "../app/answers.ts";
import { ApiFailure, ask } from "../app/api.ts";
import { linkTo } from "../app/route.ts";
import { useData, useDeadline } from "../app/use-data.ts";
import { Failure } from "../parts/failure.tsx";
import { PageHead } from "../parts/page-head.tsx";
import { t } from "../text/text.ts";
import { AttentionList } from "./attention-list.tsx";
import { PoolTable } from "./pool-table.tsx";
import { RegionCharts } from "./region-charts.tsx";
import { ReportsChart } from "./reports-chart.tsx";

const MOST_NAMED = 5;

interface Seen {
  readonly pools: readonly PoolState[];
  readonly health: Health;
  /** The last that were disabled of each service. */
  readonly disabled: readonly ListedKey[];
}

export function OverviewPage() {
  const { overview, app } = t.value;
  const { data, failure, reload } = useData("overview", ["key", "import", "health"], read);
  useDeadline(firstReturn(data?.pools ?? []), reload);
  return (
    <>
      <PageHead title={overview.title} lead={overview.lead}>
        {data && <span class={`badge ${data.health.status}`}>{overview.health[data.health.status]}</span>}
      </PageHead>
      <div class="stack">
        {failure && <Failure failure={failure} onRetry={reload} />}
        {!data && !failure && <p class="muted">{app.loading}</p>}
        {data && data.pools.length === 0 && (
          <div class="notice">
            <span>{overview.noPools}</span>
            <a class="button" href={linkTo("keys")}>
              {overview.addKeys}
            </a>
          </div>
        )}
        {data && data.pools.length > 0 && <PoolTable pools={data.pools} />}
        <div class="halves">
          <ReportsChart />
          {data && <AttentionList {...data} />}
        </div>
        <RegionCharts />
      </div>
    </>
  );
}

async function read(signal: AbortSignal): Promise<Seen> {
  const query = { status: "disabled", page: 1, limit: MOST_NAMED, sort: "-id" };
  const [pools, health, speech, translation] = await Promise.all([
    ask<readonly PoolState[]>("GET", "/pools", { signal }),
    readHealth(signal),
    ask<KeyPage>("GET", "/keys", { query, signal }),
    ask<KeyPage>("GET", "/translation/keys", { query, signal }),
  ]);
  return { pools, health, disabled: [...speech.keys, ...translation.keys] };
}

/** An unhealthy server says so by a failure that has the same in it. */
async function readHealth(signal: AbortSignal): Promise<Health> {
  try {
    return await ask<Health>("GET", "/health", { signal });
  } catch (error) {
    if (error instanceof ApiFailure && error.code === "unhealthy") return error.data as Health;
    throw error;
  }
}

function firstReturn(pools: readonly PoolState[]): number | null {
  const times = pools.flatMap(({ next_available_at }) =>
    next_available_at ? [Date.parse(next_available_at)] : [],
  );
  return times.length === 0 ? null : Math.min(...times);
}
