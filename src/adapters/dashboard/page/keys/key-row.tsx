import type { ListedKey } from "../app/answers.ts";
import { now } from "../app/clock.ts";
import { Button } from "../parts/button.tsx";
import { Instant } from "../parts/instant.tsx";
import { KeyLink, nameOf } from "../parts/key-link.tsx";
import { phaseOf } from "../parts/standing.ts";
import { StatusBadge } from "../parts/status-badge.tsx";
import { Tag } from "../parts/tag.tsx";
import { attempt } from "../parts/toasts.tsx";
import { locale, t } from "../text/text.ts";
import { actOn } from "./key-calls.ts";

interface KeyRowProps {
  readonly listed: ListedKey;
  readonly isSelected: boolean;
  readonly selectLabel: string;
  readonly onSelect: () => void;
  readonly onEdit: () => void;
  readonly onChanged: () => void;
}

export function KeyRow({ listed, isSelected, selectLabel, onSelect, onEdit, onChanged }: KeyRowProps) {
  const { keys, app, time } = t.value;
  const { id, service, key, keyname, region, tag, usage_count, error_count, last_used } = listed;
  const amount = (n: number) => n.toLocaleString(locale.value);
  return (
    <tr>
      <td>
        <input type="checkbox" aria-label={selectLabel} checked={isSelected} onChange={onSelect} />
      </td>
      <td>
        <span class="name-cell">
          <KeyLink service={service} id={id} name={keyname} />
          <span class="muted number">
            #{id} · {key}
          </span>
        </span>
      </td>
      <td data-label={keys.region}>{region}</td>
      <td data-label={keys.tag}>{tag ? <Tag text={tag} /> : <span class="muted">{app.none}</span>}</td>
      <td data-label={keys.status}>
        <StatusBadge of={listed} />
      </td>
      <td data-label={keys.used} class="amount">
        {amount(usage_count)}
      </td>
      <td data-label={keys.errors} class="amount">
        {amount(error_count)}
      </td>
      <td data-label={keys.lastUsed} class="fixed">
        {last_used ? <Instant at={last_used} as="ago" /> : <span class="muted">{time.never}</span>}
      </td>
      <td class="fixed">
        <span class="row-actions">
          <SwitchButton listed={listed} onChanged={onChanged} />
          <Button kind="quiet" needs="operator" label={`${keys.edit} ${nameOf(listed)}`} onClick={onEdit}>
            {keys.edit}
          </Button>
        </span>
      </td>
    </tr>
  );
}

/** The one thing that makes most sense now. */
function SwitchButton({ listed, onChanged }: Pick<KeyRowProps, "listed" | "onChanged">) {
  const { keys } = t.value;
  const phase = phaseOf(listed, now.value);
  const act = phase === "disabled" || phase === "cooldown" ? "enable" : "disable";
  const name = phase === "cooldown" ? keys.endCooldown : keys[act];
  const change = async () => {
    await actOn(act, listed.service, listed.id);
    onChanged();
    return undefined;
  };
  return (
    <Button
      kind="quiet"
      needs="operator"
      label={`${name} ${nameOf(listed)}`}
      onClick={() => void attempt(change)}
    >
      {name}
    </Button>
  );
}
