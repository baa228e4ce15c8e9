import type { AuditedAct } from "../app/answers.ts";
import { Instant } from "../parts/instant.tsx";
import { t } from "../text/text.ts";
import { changesOf } from "./changes.ts";
import { Subject } from "./subject.tsx";

export function AuditTable({ acts }: { readonly acts: readonly AuditedAct[] }) {
  const { audit } = t.value;
  return (
    <table class="table">
      <thead>
        <tr>
          <th scope="col">{audit.time}</th>
          <th scope="col">{audit.who}</th>
          <th scope="col">{audit.act}</th>
          <th scope="col">{audit.subject}</th>
          <th scope="col">{audit.why}</th>
          <th scope="col">{audit.change}</th>
        </tr>
      </thead>
      <tbody>
        {acts.map((act) => (
          <ActRow key={act.sequence} {...act} />
        ))}
      </tbody>
    </table>
  );
}

function ActRow({ at, actor, address, act, subject, before, after, failure }: AuditedAct) {
  const { audit } = t.value;
  const { reason, changes } = changesOf(before, after);
  return (
    <tr>
      <td data-label={audit.time} class="fixed">
        <Instant at={at} />
      </td>
      <td data-label={audit.who} class="named" title={[actor.id, address].filter(Boolean).join(" · ")}>
        {actor.name}
      </td>
      <td data-label={audit.act} class="fixed">
        <span class={`act ${act}`}>{audit.acts[act]}</span>
      </td>
      <td data-label={audit.subject}>
        <Subject text={subject} />
      </td>
      <td data-label={audit.why} class="note">
        {failure === null ? reason : audit.failed(failure)}
      </td>
      <td data-label={audit.change} class="note">
        {changes.length > 0 && (
          <ul class="changes">
            {changes.map(({ field, from, to }) => (
              <li key={field}>
                <span class="muted">{field}</span> {from} → {to}
              </li>
            ))}
          </ul>
        )}
      </td>
    </tr>
  );
}
