import type { KeyOrder } from "../../../../domain/index.ts";
import type { ListedKey } from "../app/answers.ts";
import { nameOf } from "../parts/key-link.tsx";
import { t } from "../text/text.ts";
import { KeyRow } from "./key-row.tsx";

interface KeyTableProps {
  readonly keys: readonly ListedKey[];
  readonly sort: string;
  readonly onSort: (sort: string) => void;
  readonly selected: ReadonlySet<number>;
  readonly onSelect: (ids: ReadonlySet<number>) => void;
  readonly onEdit: (key: ListedKey) => void;
  readonly onChanged: () => void;
}

export function KeyTable({ keys, sort, onSort, selected, onSelect, onEdit, onChanged }: KeyTableProps) {
  const { keys: text } = t.value;
  const areAllSelected = keys.every(({ id }) => selected.has(id));
  const heading = (by: KeyOrder, label: string, isAmount = false) => (
    <SortHeading by={by} label={label} isAmount={isAmount} sort={sort} onSort={onSort} />
  );
  return (
    <table class="table">
      <thead>
        <tr>
          <th scope="col">
            <input
              type="checkbox"
              aria-label={text.selectAll}
              checked={areAllSelected}
              onChange={() => onSelect(new Set(areAllSelected ? [] : keys.map(({ id }) => id)))}
            />
          </th>
          {heading("name", text.name)}
          {heading("region", text.region)}
          <th scope="col">{text.tag}</th>
          <th scope="col">{text.status}</th>
          {heading("usage_count", text.used, true)}
          {heading("error_count", text.errors, true)}
          {heading("last_used", text.lastUsed)}
          <th scope="col">{text.actions}</th>
        </tr>
      </thead>
      <tbody>
        {keys.map((key) => (
          <KeyRow
            key={key.id}
            listed={key}
            isSelected={selected.has(key.id)}
            selectLabel={text.select(nameOf(key))}
            onSelect={() => onSelect(toggled(selected, key.id))}
            onEdit={() => onEdit(key)}
            onChanged={onChanged}
          />
        ))}
      </tbody>
    </table>
  );
}

interface SortHeadingProps {
  readonly by: KeyOrder;
  readonly label: string;
  readonly isAmount: boolean;
  readonly sort: string;
  readonly onSort: (sort: string) => void;
}

/** Sorts by its column; again, the other way round. */
function SortHeading({ by, label, isAmount, sort, onSort }: SortHeadingProps) {
  const order = sort === by ? "ascending" : sort === `-${by}` ? "descending" : undefined;
  return (
    <th scope="col" aria-sort={order} class={isAmount ? "amount" : undefined}>
      <button type="button" onClick={() => onSort(order === "ascending" ? `-${by}` : by)}>
        {label}
      </button>
    </th>
  );
}

function toggled(ids: ReadonlySet<number>, id: number): ReadonlySet<number> {
  const others = new Set(ids);
  if (!others.delete(id)) others.add(id);
  return others;
}
