import { useState } from "preact/hooks";
import type { ImportFindings } from "../app/answers.ts";
import { Pager } from "../parts/pager.tsx";
import { t } from "../text/text.ts";

const LIMIT = 50;

/** What is wrong with which row. */
export function FindingTable({ findings }: { readonly findings: ImportFindings["errors"] }) {
  const { import: text } = t.value;
  const [page, setPage] = useState(1);
  return (
    <section class="card flush" aria-label={text.problems(findings.length)}>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">{text.row}</th>
            <th scope="col">{text.field}</th>
            <th scope="col">{text.why}</th>
          </tr>
        </thead>
        <tbody>
          {findings.slice((page - 1) * LIMIT, page * LIMIT).map(({ index, field, message }) => (
            <tr key={`${index} ${field} ${message}`}>
              <td data-label={text.row}>{index + 1}</td>
              <td data-label={text.field}>{field}</td>
              <td data-label={text.why}>{message}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Pager page={page} limit={LIMIT} total={findings.length} onPage={setPage} />
    </section>
  );
}
