import {
  covers,
  type Key,
  type KeyFilter,
  keyNotFound,
  outOfScope,
  type Pool,
  type Scope,
} from "../../domain/index.ts";

/** Where a key is, or is to be. */
type Place = Pick<Key, "service" | "region" | "tag">;

/** Whether a key is in the caller's scope; without a scope every key is. */
export function isWithin(scope: Scope | undefined, { service, region, tag }: Place): boolean {
  return scope === undefined || covers(scope, service, region, tag);
}

/** The key. Throws `key_not_found` when the caller may not know of it. */
export function known<K extends Place>(key: K, scope: Scope | undefined): K {
  if (!isWithin(scope, key)) throw keyNotFound();
  return key;
}

/** Throws `forbidden` for a place to which the caller may not put a key. */
export function allowPlace(scope: Scope | undefined, place: Place): void {
  if (!isWithin(scope, place)) throw outOfScope();
}

/**
 * Where a caller who asks for a key of this pool may have one from, in the order to ask in: where his scope names tags
 * and he none, the pools of these tags. Undefined for the pool as it was asked for; empty when it is not his at all.
 */
export function poolsWithin({ tags, ...place }: Scope, pool: Pool): readonly Pool[] | undefined {
  if (!covers(place, pool.service, pool.region, null)) return [];
  if (pool.tag === undefined) return tags?.map((tag) => ({ ...pool, tag }));
  return (tags?.includes(pool.tag) ?? true) ? [pool] : [];
}

/** A filter that leaves out much of what is not in the scope, where storage can. */
export function narrowed(filter: KeyFilter, { regions, tags }: Scope): KeyFilter {
  const [region, tag] = [filter.region ?? only(regions), filter.tag ?? only(tags)];
  return { ...filter, ...(region !== undefined && { region }), ...(tag !== undefined && { tag }) };
}

function only(names: readonly string[] | undefined): string | undefined {
  return names?.length === 1 ? names[0] : undefined;
}

/** The keys of a listing that are in the scope, page by page. */
export async function* onlyWithin<K extends Place>(
  scope: Scope,
  pages: AsyncIterable<readonly K[]>,
): AsyncGenerator<readonly K[]> {
  for await (const page of pages) {
    const those = page.filter((key) => isWithin(scope, key));
    if (those.length > 0) yield those;
  }
}
