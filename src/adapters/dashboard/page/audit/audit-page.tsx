import { AUDIT_ACTS } from "../../../../domain/index.ts";
import type { AuditPage as Audited } from "../app/answers.ts";
import { ask } from "../app/api.ts";
import { refine, route } from "../app/route.ts";
import { useData } from "../app/use-data.ts";
import { Failure } from "../parts/failure.tsx";
import { Field } from "../parts/field.tsx";
import { PageHead } from "../parts/page-head.tsx";
import { Pager } from "../parts/pager.tsx";
import { t } from "../text/text.ts";
import { AuditTable } from "./audit-table.tsx";

const LIMIT = 50;

/** What people did, and what they tried to. */
export function AuditPage() {
  const { audit, app } = t.value;
  const { query } = route.value;
  const page = Number(query.get("page")) || 1;
  const act = query.get("act") ?? "";
  const { data, failure, isStale, reload } = useData(
    `audit ${act} ${page}`,
    ["key", "setting", "import", "token"],
    (signal) => ask<Audited>("GET", "/audit", { query: { act, page, limit: LIMIT }, signal }),
  );
  return (
    <>
      <PageHead title={audit.title} lead={audit.lead} />
      <div class="toolbar">
        <Field label={audit.act}>
          {(ids) => (
            <select
              {...ids}
              value={act}
              onChange={({ currentTarget }) => refine({ act: currentTarget.value, page: undefined })}
            >
              <option value="">{app.all}</option>
              {AUDIT_ACTS.map((one) => (
                <option key={one} value={one}>
                  {audit.acts[one]}
                </option>
              ))}
            </select>
          )}
        </Field>
      </div>
      {failure && <Failure failure={failure} onRetry={reload} />}
      {data && (
        <section class={isStale ? "card flush stale" : "card flush"} aria-label={audit.title}>
          {data.acts.length === 0 ? <p class="muted">{audit.none}</p> : <AuditTable acts={data.acts} />}
          <Pager {...data} onPage={(next) => refine({ page: next })} />
        </section>
      )}
    </>
  );
}
