import { invalid } from "./errors.ts";
import {
  type KeyDescription,
  type KeyDraft,
  parseMaxInFlight,
  parseName,
  parseTag,
  refuseSecretIn,
} from "./key.ts";
import { Problems } from "./problems.ts";
import { parseRegion } from "./region.ts";
import { parseSecret, refusePlaceholder } from "./secret.ts";
import type { Service } from "./service.ts";
import { disable, NEW_STANDING } from "./standing.ts";

/** A key to be added, unchecked. */
export interface NewKeyFields {
  readonly secret: string;
  readonly region: string;
  /** Default: empty. */
  readonly name?: string | null | undefined;
  /** Default: none; empty is none, too. */
  readonly tag?: string | null | undefined;
  /** Default: null, no limit. */
  readonly maxInFlight?: number | null | undefined;
  /** Default: true. A key added disabled waits for a person to enable it. */
  readonly enabled?: boolean | undefined;
}

/** A key to be added, checked. A name, tag or limit that was not given is absent and overwrites no stored one. */
export interface KeyToAdd extends Partial<KeyDescription> {
  readonly secret: string;
  readonly region: string;
  readonly enabled: boolean;
}

/** Checks a key to be added. Throws `invalid_request` with everything that is wrong with it. */
export function parseNewKey({ enabled = true, ...fields }: NewKeyFields): KeyToAdd {
  const problems = new Problems();
  const key = checkNewKey({ ...fields, status: enabled ? "enabled" : "disabled" }, problems);
  if (!key) throw invalid(...problems.found);
  return key;
}

/** The same for fields of any type, read from JSON. Undefined when there are problems. */
export function checkNewKey(
  { secret, region, name, tag, maxInFlight, status }: Readonly<Record<string, unknown>>,
  problems: Problems,
): KeyToAdd | undefined {
  const text = <T>(field: string, given: unknown, parse: (text: string) => T): T | undefined => {
    if (typeof given === "string") return problems.attempt(() => parse(given));
    problems.add(field, given === undefined ? "is required" : "must be a JSON string");
    return undefined;
  };
  const checkedSecret = text("secret", secret, parseNewSecret);
  const checkedRegion = text("region", region, parseRegion);
  const checkedName = name == null ? undefined : text("name", name, parseName);
  const checkedTag = tag == null ? tag : text("tag", tag, parseTag);
  const checkedLimit =
    maxInFlight === undefined ? undefined : problems.attempt(() => parseMaxInFlight(maxInFlight));
  if (status != null && status !== "enabled" && status !== "disabled") {
    problems.add("status", "must be one of enabled, disabled");
  }
  const shown = {
    ...(checkedName !== undefined && { name: checkedName }),
    ...(checkedTag !== undefined && { tag: checkedTag }),
  };
  if (checkedSecret !== undefined) problems.attempt(() => refuseSecretIn(shown, checkedSecret));
  if (checkedSecret === undefined || checkedRegion === undefined || problems.found.length > 0)
    return undefined;
  const limit = checkedLimit === undefined ? {} : { maxInFlight: checkedLimit };
  return { secret: checkedSecret, region: checkedRegion, ...shown, ...limit, enabled: status !== "disabled" };
}

/** Only of a key to be added: one that a pool has from before must stay possible to disable and delete. */
function parseNewSecret(value: string): string {
  refusePlaceholder(value);
  return parseSecret(value);
}

/** The key as it is first stored: nameless, without a tag and without a limit where none was given. */
export function draftKey(service: Service, key: KeyToAdd, createdAt: number): KeyDraft {
  const { secret, region, name = "", tag = null, maxInFlight = null, enabled } = key;
  const standing = enabled ? NEW_STANDING : disable(NEW_STANDING, createdAt);
  return { service, secret, region, name, tag, maxInFlight, standing, createdAt };
}
