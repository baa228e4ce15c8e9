import { LOG_ACTIONS } from "../../../../domain/index.ts";
import type { LogPage } from "../app/answers.ts";
import { ask } from "../app/api.ts";
import { refine, route } from "../app/route.ts";
import { useData } from "../app/use-data.ts";
import { Button } from "../parts/button.tsx";
import { Failure } from "../parts/failure.tsx";
import { Field } from "../parts/field.tsx";
import { LogTable } from "../parts/log-table.tsx";
import { PageHead } from "../parts/page-head.tsx";
import { Pager } from "../parts/pager.tsx";
import { readService, ServiceChoice } from "../parts/service-choice.tsx";
import { t } from "../text/text.ts";

const LIMIT = 50;
const FILTERS = ["action", "status_code", "key_id", "from", "to"] as const;

export function LogsPage() {
  const { logs, actions, app } = t.value;
  const { query } = route.value;
  const service = readService(query.get("service"));
  const page = Number(query.get("page")) || 1;
  const filters = Object.fromEntries(FILTERS.map((name) => [name, query.get(name) ?? ""]));
  const path = service === "speech" ? "/keys/logs" : "/translation/keys/logs";
  const asked = { ...filters, from: instantOf(filters.from), to: instantOf(filters.to), page, limit: LIMIT };
  const { data, failure, isStale, reload } = useData(
    `${path} ${JSON.stringify(asked)}`,
    ["key", "report", "setting", "import"],
    (signal) => ask<LogPage>("GET", path, { query: asked, signal }),
  );
  const change = (name: (typeof FILTERS)[number], value: string) =>
    refine({ [name]: value, page: undefined });
  const cleared = Object.fromEntries(FILTERS.map((name) => [name, undefined]));
  return (
    <>
      <PageHead title={logs.title} lead={logs.lead}>
        <ServiceChoice value={service} onChoose={(chosen) => refine({ service: chosen, page: undefined })} />
      </PageHead>
      <div class="toolbar">
        <Field label={logs.action}>
          {(ids) => (
            <select
              {...ids}
              value={filters.action}
              onChange={({ currentTarget }) => change("action", currentTarget.value)}
            >
              <option value="">{app.all}</option>
              {LOG_ACTIONS.map((action) => (
                <option key={action} value={action}>
                  {actions[action]}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Filter
          name="status_code"
          label={logs.code}
          pattern="[1-5][0-9][0-9]"
          value={filters.status_code}
          onChange={change}
        />
        <Filter
          name="key_id"
          label={logs.keyId}
          pattern="[1-9][0-9]*"
          value={filters.key_id}
          onChange={change}
        />
        <Filter name="from" label={logs.from} type="datetime-local" value={filters.from} onChange={change} />
        <Filter name="to" label={logs.to} type="datetime-local" value={filters.to} onChange={change} />
        {FILTERS.some((name) => filters[name]) && (
          <Button onClick={() => refine({ ...cleared, page: undefined })}>{logs.clear}</Button>
        )}
      </div>
      {failure && <Failure failure={failure} onRetry={reload} />}
      {data && (
        <section class={isStale ? "card flush stale" : "card flush"} aria-label={logs.title}>
          {data.logs.length === 0 ? (
            <p class="muted">{logs.none}</p>
          ) : (
            <LogTable rows={data.logs} service={service} />
          )}
          <Pager {...data} onPage={(next) => refine({ page: next })} />
        </section>
      )}
    </>
  );
}

interface FilterProps {
  readonly name: (typeof FILTERS)[number];
  readonly label: string;
  readonly value: string | undefined;
  readonly pattern?: string;
  readonly type?: "text" | "datetime-local";
  readonly onChange: (name: FilterProps["name"], value: string) => void;
}

/** Only what can be one is asked for. */
function Filter({ name, label, value = "", pattern, type = "text", onChange }: FilterProps) {
  return (
    <Field label={label}>
      {(ids) => (
        <input
          {...ids}
          {...(type === "text" ? ({ type } as const) : ({ type } as const))}
          value={value}
          pattern={pattern}
          inputMode={pattern ? "numeric" : undefined}
          onInput={({ currentTarget }) => {
            if (currentTarget.validity.valid) onChange(name, currentTarget.value);
          }}
        />
      )}
    </Field>
  );
}

/** The browser's local time as an instant. */
function instantOf(local: string | undefined): number | undefined {
  return local ? new Date(local).getTime() : undefined;
}
