import type { Service } from "../../../../domain/index.ts";
import type { LogRow } from "../app/answers.ts";
import { t } from "../text/text.ts";
import { Instant } from "./instant.tsx";
import { KeyLink } from "./key-link.tsx";

interface LogTableProps {
  readonly rows: readonly LogRow[];
  readonly service: Service;
  /** Whether all of them are of one key, which need not be named then. */
  readonly isOfOneKey?: boolean;
}

export function LogTable({ rows, service, isOfOneKey }: LogTableProps) {
  const { logs, actions } = t.value;
  return (
    <table class="table">
      <thead>
        <tr>
          <th scope="col">{logs.time}</th>
          <th scope="col">{logs.action}</th>
          <th scope="col">{logs.code}</th>
          {!isOfOneKey && <th scope="col">{logs.key}</th>}
          {!isOfOneKey && <th scope="col">{logs.region}</th>}
          <th scope="col">{logs.who}</th>
          <th scope="col">{logs.note}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id}>
            <td data-label={logs.time} class="fixed">
              <Instant at={row.created_at} />
            </td>
            <td data-label={logs.action} class="fixed">
              <span class={`act ${row.action}`}>{actions[row.action]}</span>
            </td>
            <td data-label={logs.code} class="number">
              {row.status_code}
            </td>
            {!isOfOneKey && (
              <td data-label={logs.key} class="named">
                {row.key_id !== null && <KeyLink service={service} id={row.key_id} name={row.keyname} />}
              </td>
            )}
            {!isOfOneKey && <td data-label={logs.region}>{row.region}</td>}
            <td data-label={logs.who} class="muted fixed">
              {nameOfActor(row.actor)}
            </td>
            <td data-label={logs.note} class="note">
              {row.note}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A token is named by its id. */
function nameOfActor(actor: LogRow["actor"]): string | null {
  const { actors } = t.value.logs;
  return actor === "caller" || actor === "system" ? actors[actor] : actor;
}
