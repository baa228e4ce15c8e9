import { invalid } from "./errors.ts";
import { type KeyDescription, parseMaxInFlight, parseName, parseTag } from "./key.ts";
import { Problems } from "./problems.ts";
import { parseRegion } from "./region.ts";

/** A change of a key, unchecked. What is absent stays as it is. */
export interface KeyChange {
  readonly name?: string | undefined;
  readonly region?: string | undefined;
  /** Null or empty takes the tag away. */
  readonly tag?: string | null | undefined;
  /** Null takes the limit away. */
  readonly maxInFlight?: number | null | undefined;
}

/**
 * Checks a change of a key. Throws `invalid_request` with everything that is wrong with it, and when it
 * changes nothing. Whether it gives the key's secret away is for `refuseSecretIn`, once the key is known.
 */
export function parseKeyChange({ name, region, tag, maxInFlight }: KeyChange): Partial<KeyDescription> {
  const problems = new Problems();
  const changes: { -readonly [F in keyof KeyDescription]?: KeyDescription[F] } = {};
  problems.attempt(() => {
    if (name !== undefined) changes.name = parseName(name);
  });
  problems.attempt(() => {
    if (region !== undefined) changes.region = parseRegion(region);
  });
  problems.attempt(() => {
    if (tag !== undefined) changes.tag = tag === null ? null : parseTag(tag);
  });
  problems.attempt(() => {
    if (maxInFlight !== undefined) changes.maxInFlight = parseMaxInFlight(maxInFlight);
  });
  if ([name, region, tag, maxInFlight].every((given) => given === undefined)) {
    problems.add("change", "at least one of name, region, tag and maxInFlight is needed");
  }
  if (problems.found.length > 0) throw invalid(...problems.found);
  return changes;
}
