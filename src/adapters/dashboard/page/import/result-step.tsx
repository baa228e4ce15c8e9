import { useState } from "preact/hooks";
import type { Service } from "../../../../domain/index.ts";
import type { ImportedRow, ImportReport } from "../app/answers.ts";
import { linkTo } from "../app/route.ts";
import { Button } from "../parts/button.tsx";
import { Choice } from "../parts/choice.tsx";
import { Pager } from "../parts/pager.tsx";
import { locale, t } from "../text/text.ts";

interface ResultStepProps {
  readonly report: ImportReport;
  readonly service: Service;
  readonly onAgain: () => void;
}

const STATUSES = ["created", "updated", "skipped", "failed"] as const;
const LIMIT = 50;

export function ResultStep({ report, service, onAgain }: ResultStepProps) {
  const { import: text, app } = t.value;
  const [shown, setShown] = useState<ImportedRow["status"] | "all">(report.failed > 0 ? "failed" : "all");
  const [page, setPage] = useState(1);
  const counts = Map.groupBy(report.results, ({ status }) => status);
  const rows = shown === "all" ? report.results : (counts.get(shown) ?? []);
  const options = [
    ["all", app.all] as const,
    ...STATUSES.filter((status) => counts.has(status)).map(
      (status) => [status, text.statuses[status]] as const,
    ),
  ];
  return (
    <div class="stack">
      <div class="numbers">
        {STATUSES.map((status) => (
          <div key={status} class="card">
            <span class="muted">{text[status]}</span>
            <strong class="big number">
              {(counts.get(status)?.length ?? 0).toLocaleString(locale.value)}
            </strong>
          </div>
        ))}
      </div>
      <div class="group">
        <Choice
          label={text.show}
          options={options}
          value={shown}
          onChoose={(chosen) => {
            setShown(chosen);
            setPage(1);
          }}
        />
        <Button onClick={onAgain}>{text.again}</Button>
      </div>
      <section class="card flush" aria-label={text.result}>
        <ResultTable rows={rows.slice((page - 1) * LIMIT, page * LIMIT)} service={service} />
        <Pager page={page} limit={LIMIT} total={rows.length} onPage={setPage} />
      </section>
    </div>
  );
}

function ResultTable({
  rows,
  service,
}: {
  readonly rows: readonly ImportedRow[];
  readonly service: Service;
}) {
  const { import: text } = t.value;
  return (
    <table class="table">
      <thead>
        <tr>
          <th scope="col">{text.row}</th>
          <th scope="col">{text.key}</th>
          <th scope="col">{text.result}</th>
          <th scope="col">{text.why}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ index, key, id, status, error }) => (
          <tr key={index}>
            <td data-label={text.row} class="number">
              {index + 1}
            </td>
            <td data-label={text.key}>
              {id === undefined ? key : <a href={linkTo(`keys/${service}/${id}`)}>{key}</a>}
            </td>
            <td data-label={text.result}>
              <span class={`badge ${status}`}>{text.statuses[status]}</span>
            </td>
            <td data-label={text.why} class="note">
              {error}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
