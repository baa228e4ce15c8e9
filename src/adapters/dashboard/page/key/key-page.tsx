import { useState } from "preact/hooks";
import type { DetailedKey, LogPage } from "../app/answers.ts";
import { ask } from "../app/api.ts";
import { linkTo, refine, route } from "../app/route.ts";
import { useData, useDeadline } from "../app/use-data.ts";
import { KEYS_PATH } from "../keys/key-calls.ts";
import { KeyForm } from "../keys/key-form.tsx";
import { Failure } from "../parts/failure.tsx";
import { nameOf } from "../parts/key-link.tsx";
import { LogTable } from "../parts/log-table.tsx";
import { PageHead } from "../parts/page-head.tsx";
import { Pager } from "../parts/pager.tsx";
import { readService } from "../parts/service-choice.tsx";
import { nextChange } from "../parts/standing.ts";
import { StatusBadge } from "../parts/status-badge.tsx";
import { t } from "../text/text.ts";
import { KeyActions } from "./key-actions.tsx";
import { KeyFacts } from "./key-facts.tsx";
import { StandingCard } from "./standing-card.tsx";
import { UsageChart } from "./usage-chart.tsx";

const LIMIT = 25;

interface Seen {
  readonly listed: DetailedKey;
  readonly log: LogPage;
}

export function KeyPage() {
  const { story } = t.value;
  const { path, query } = route.value;
  const [, serviceName, id = ""] = path;
  const service = readService(serviceName);
  const page = Number(query.get("page")) || 1;
  const base = KEYS_PATH[service];
  const { data, failure, reload } = useData(
    `${base}/${id} ${page}`,
    ["key", "report"],
    async (signal): Promise<Seen> => {
      const asked = { key_id: id, page, limit: LIMIT };
      const [listed, log] = await Promise.all([
        ask<DetailedKey>("GET", `${base}/${id}`, { signal }),
        ask<LogPage>("GET", `${base}/logs`, { query: asked, signal }),
      ]);
      return { listed, log };
    },
    (event) => (event.kind === "key" || event.kind === "report") && event.data.key_id === Number(id),
  );
  useDeadline(nextChange(data ? [data.listed] : [], Date.now()), reload);
  const [isEditing, setEditing] = useState(false);
  if (failure?.code === "key_not_found") return <Gone />;
  if (!data) return failure ? <Failure failure={failure} onRetry={reload} /> : null;
  const { listed, log } = data;
  return (
    <>
      <p class="back">
        <a href={linkTo("keys", { service })}>← {story.back}</a>
      </p>
      <PageHead title={nameOf(listed)} lead={`${listed.key} · ${listed.region}`}>
        <StatusBadge of={listed} />
      </PageHead>
      <div class="stack">
        {failure && <Failure failure={failure} onRetry={reload} />}
        <KeyActions listed={listed} onChanged={reload} onEdit={() => setEditing(true)} />
        <div class="halves">
          <StandingCard listed={listed} log={log.logs} />
          <KeyFacts listed={listed} />
        </div>
        <UsageChart listed={listed} version={log.total} />
        <section class="card flush" aria-label={story.log}>
          <h2>{story.log}</h2>
          {log.logs.length === 0 ? (
            <p class="muted">{story.noWhy}</p>
          ) : (
            <LogTable rows={log.logs} service={service} isOfOneKey />
          )}
          <Pager {...log} onPage={(next) => refine({ page: next })} />
        </section>
      </div>
      {isEditing && (
        <KeyForm service={service} edited={listed} onClose={() => setEditing(false)} onSaved={reload} />
      )}
    </>
  );
}

function Gone() {
  const { story } = t.value;
  return (
    <div class="stack">
      <p>{story.gone}</p>
      <p>
        <a href={linkTo("keys")}>← {story.back}</a>
      </p>
    </div>
  );
}
