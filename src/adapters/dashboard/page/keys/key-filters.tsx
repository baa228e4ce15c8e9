import { useState } from "preact/hooks";
import { holdsSecretLike, type Service } from "../../../../domain/index.ts";
import type { PoolState } from "../app/answers.ts";
import { ask } from "../app/api.ts";
import { useData } from "../app/use-data.ts";
import { Button } from "../parts/button.tsx";
import { Field } from "../parts/field.tsx";
import { t } from "../text/text.ts";

export interface Filters {
  readonly q: string;
  readonly status: string;
  readonly region: string;
  readonly tag: string;
}

type Changes = { readonly [Name in keyof Filters]?: string | undefined };

interface KeyFiltersProps {
  readonly service: Service;
  readonly filters: Filters;
  readonly onChange: (changes: Changes) => void;
}

const NO_FILTERS: Changes = { q: undefined, status: undefined, region: undefined, tag: undefined };
const STATUSES = ["enabled", "cooldown", "disabled"] as const;

export function readFilters(query: URLSearchParams): Filters {
  const read = (name: keyof Filters) => query.get(name) ?? "";
  return { q: read("q"), status: read("status"), region: read("region"), tag: read("tag") };
}

export function KeyFilters({ service, filters, onChange }: KeyFiltersProps) {
  const { keys, status, app } = t.value;
  const { data: pools = [] } = useData("pools", ["import"], (signal) =>
    ask<readonly PoolState[]>("GET", "/pools", { signal }),
  );
  const regions = pools.filter((pool) => pool.service === service).map(({ region }) => region);
  return (
    <>
      <SearchField value={filters.q} onChange={(q) => onChange({ q })} />
      <Field label={keys.status}>
        {(ids) => (
          <select
            {...ids}
            value={filters.status}
            onChange={({ currentTarget }) => onChange({ status: currentTarget.value })}
          >
            <option value="">{app.all}</option>
            {STATUSES.map((one) => (
              <option key={one} value={one}>
                {status[one]}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label={keys.region}>
        {(ids) => (
          <select
            {...ids}
            value={filters.region}
            onChange={({ currentTarget }) => onChange({ region: currentTarget.value })}
          >
            <option value="">{app.all}</option>
            {[...new Set([...regions, filters.region].filter(Boolean))].map((region) => (
              <option key={region} value={region}>
                {region}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label={keys.tag}>
        {(ids) => (
          <input
            {...ids}
            value={filters.tag}
            maxLength={50}
            onInput={({ currentTarget }) => onChange({ tag: currentTarget.value })}
          />
        )}
      </Field>
      {Object.values(filters).some(Boolean) && (
        <Button onClick={() => onChange(NO_FILTERS)}>{keys.clearFilters}</Button>
      )}
    </>
  );
}

interface SearchFieldProps {
  readonly value: string;
  readonly onChange: (text: string) => void;
}

/** A key that somebody pastes here goes nowhere, least of all into an address. */
function SearchField({ value, onChange }: SearchFieldProps) {
  const { search, searchHint, searchSecret } = t.value.keys;
  const [refused, setRefused] = useState("");
  return (
    <div class="field wide">
      <Field label={search} problem={refused && searchSecret}>
        {(ids) => (
          <input
            {...ids}
            type="search"
            placeholder={searchHint}
            maxLength={100}
            value={refused || value}
            onInput={({ currentTarget: { value: text } }) => {
              const isSecret = holdsSecretLike(text);
              setRefused(isSecret ? text : "");
              if (!isSecret) onChange(text);
            }}
          />
        )}
      </Field>
    </div>
  );
}
