import type { Key, Usage } from "./key.ts";
import type { KeyOrder, KeySort } from "./key-sort.ts";
import type { KeyFilter, PoolCounts } from "./ports/key-repository.ts";
import { statusAt } from "./standing.ts";

/** Whether a list so filtered has this key, its status judged at `now`. For storages that filter by themselves. */
export function isListed(key: Key, filter: KeyFilter, now: number): boolean {
  const { service, status, region, tag, text, id } = filter;
  return (
    key.service === service &&
    (status === undefined || statusAt(key.standing, now) === status) &&
    (region === undefined || key.region === region) &&
    (tag === undefined || key.tag === tag) &&
    (id === undefined || key.id === id) &&
    (text === undefined || [key.name, key.region, key.tag ?? ""].some((held) => includes(held, text)))
  );
}

/** Compares keys for a list; a storage may order names as its own language settings want it. */
export function compareListed({ by, descending }: KeySort): (one: Listed, other: Listed) => number {
  const value = VALUES[by];
  return (one, other) => {
    const [a, b] = [value(one), value(other)];
    const order = a < b ? -1 : Number(a > b);
    return (descending ? -order : order) || one.id - other.id;
  };
}

/**
 * How many of these keys have which status at `now`, for each service and region, in their order. `before` is what has been
 * counted of other keys.
 */
export function countByPool(
  keys: Iterable<Key>,
  now: number,
  before: readonly PoolCounts[] = [],
): readonly PoolCounts[] {
  const pools = new Map(before.map((pool) => [`${pool.service} ${pool.region}`, pool]));
  for (const { service, region, standing } of keys) {
    const name = `${service} ${region}`;
    const none = { service, region, enabled: 0, cooldown: 0, disabled: 0, nextAt: null };
    const counted: PoolCounts = pools.get(name) ?? none;
    const status = statusAt(standing, now);
    const { cooldownUntil } = standing;
    const nextAt =
      status === "cooldown" ? Math.min(cooldownUntil, counted.nextAt ?? cooldownUntil) : counted.nextAt;
    pools.set(name, { ...counted, [status]: counted[status] + 1, nextAt });
  }
  return [...pools].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, counts]) => counts);
}

type Listed = Key & Usage;

const VALUES: Readonly<Record<KeyOrder, (key: Listed) => string | number>> = {
  id: ({ id }) => id,
  name: ({ name }) => lowered(name),
  region: ({ region }) => region,
  last_used: ({ lastUsedAt }) => lastUsedAt ?? -1,
  usage_count: ({ usageCount }) => usageCount,
  error_count: ({ errorCount }) => errorCount,
};

function includes(held: string, text: string): boolean {
  return lowered(held).includes(lowered(text));
}

/** As SQL's `lower` does everywhere: other letters are lowered by some storages only. */
function lowered(text: string): string {
  return text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
