import { useState } from "preact/hooks";
import type { KeyPage, ListedKey } from "../app/answers.ts";
import { ask } from "../app/api.ts";
import { refine, route } from "../app/route.ts";
import { useData, useDeadline } from "../app/use-data.ts";
import { Button } from "../parts/button.tsx";
import { Failure } from "../parts/failure.tsx";
import { PageHead } from "../parts/page-head.tsx";
import { Pager } from "../parts/pager.tsx";
import { readService, ServiceChoice } from "../parts/service-choice.tsx";
import { nextChange } from "../parts/standing.ts";
import { t } from "../text/text.ts";
import { BulkBar } from "./bulk-bar.tsx";
import { KEYS_PATH } from "./key-calls.ts";
import { KeyFilters, readFilters } from "./key-filters.tsx";
import { KeyForm } from "./key-form.tsx";
import { KeyTable } from "./key-table.tsx";

const LIMIT = 50;
const NOTHING: ReadonlySet<number> = new Set();

export function KeysPage() {
  const { keys } = t.value;
  const { query } = route.value;
  const service = readService(query.get("service"));
  const page = Number(query.get("page")) || 1;
  const sort = query.get("sort") ?? "id";
  const filters = readFilters(query);
  const asked = { ...filters, sort, page, limit: LIMIT };
  const { data, failure, isStale, reload } = useData(
    `${service} ${JSON.stringify(asked)}`,
    ["key", "import"],
    (signal) => ask<KeyPage>("GET", KEYS_PATH[service], { query: asked, signal }),
  );
  useDeadline(nextChange(data?.keys ?? [], Date.now()), reload);
  const [editing, setEditing] = useState<ListedKey | "new">();
  const [selected, setSelected] = useState(NOTHING);
  const isFiltered = Object.values(filters).some(Boolean);
  const move = (changes: Parameters<typeof refine>[0]) => {
    setSelected(NOTHING);
    refine({ page: undefined, ...changes });
  };
  return (
    <>
      <PageHead title={keys.title} lead={keys.lead}>
        <Button kind="primary" needs="operator" onClick={() => setEditing("new")}>
          {keys.add}
        </Button>
      </PageHead>
      <div class="toolbar">
        <ServiceChoice value={service} onChoose={(chosen) => move({ service: chosen, region: undefined })} />
        <KeyFilters service={service} filters={filters} onChange={move} />
      </div>
      {failure && <Failure failure={failure} onRetry={reload} />}
      {data && (
        <section class={isStale ? "card flush stale" : "card flush"} aria-label={keys.title}>
          {selected.size > 0 && (
            <BulkBar
              service={service}
              ids={[...selected]}
              onDone={reload}
              onClear={() => setSelected(NOTHING)}
            />
          )}
          {data.keys.length === 0 ? (
            <p class="muted">{isFiltered ? keys.none : keys.noneYet}</p>
          ) : (
            <KeyTable
              keys={data.keys}
              sort={sort}
              onSort={(by) => move({ sort: by })}
              selected={selected}
              onSelect={setSelected}
              onEdit={setEditing}
              onChanged={reload}
            />
          )}
          <Pager {...data} onPage={(next) => move({ page: next })} />
        </section>
      )}
      {editing && (
        <KeyForm
          service={service}
          edited={editing === "new" ? undefined : editing}
          onClose={() => setEditing(undefined)}
          onSaved={reload}
        />
      )}
    </>
  );
}
