import { invalid } from "../errors.ts";
import { parseTag } from "../key.ts";
import { Problems } from "../problems.ts";
import { parseRegion } from "../region.ts";
import { SERVICES, type Service } from "../service.ts";

/** Which keys a token is about. What is absent does not narrow it; what is there is not empty. */
export interface Scope {
  readonly services?: readonly Service[];
  readonly regions?: readonly string[];
  /** Keys without a tag are in no scope that names tags. */
  readonly tags?: readonly string[];
}

/** The scope of all keys. */
export const EVERYTHING: Scope = {};

/** At most so many regions or tags in one scope. */
const MOST_NAMED = 100;

/** Whether a key at this place is in the scope. */
export function covers(scope: Scope, service: Service, region: string, tag: string | null): boolean {
  return (
    (scope.services?.includes(service) ?? true) &&
    (scope.regions?.includes(region) ?? true) &&
    (scope.tags === undefined || (tag !== null && scope.tags.includes(tag)))
  );
}

/** Whether every key is in the scope. */
export function isEverything({ services, regions, tags }: Scope): boolean {
  return services === undefined && regions === undefined && tags === undefined;
}

/** A scope, unchecked. */
export interface ScopeFields {
  readonly services?: readonly string[] | null | undefined;
  readonly regions?: readonly string[] | null | undefined;
  readonly tags?: readonly string[] | null | undefined;
}

/** Checks a scope; notes as problems of `scope.services`, `scope.regions` and `scope.tags` what is wrong. */
export function checkScope({ services, regions, tags }: ScopeFields, problems: Problems): Scope | undefined {
  const before = problems.found.length;
  const each = <T>(
    name: keyof Scope,
    given: readonly string[] | null | undefined,
    parse: (text: string) => T,
  ) => {
    if (given == null) return undefined;
    if (given.length === 0 || given.length > MOST_NAMED) {
      problems.add(`scope.${name}`, `must name 1 to ${MOST_NAMED}, or be left out`);
    }
    const parsed = given
      .slice(0, MOST_NAMED)
      .map((text, index) => named(`scope.${name}[${index}]`, text, parse, problems));
    return [...new Set(parsed)] as T[];
  };
  const scope = {
    services: each("services", services, parseService),
    regions: each("regions", regions, parseRegion),
    tags: each("tags", tags, parseScopeTag),
  };
  if (problems.found.length > before) return undefined;
  return Object.fromEntries(Object.entries(scope).filter(([, value]) => value !== undefined));
}

/** The rule's problems are about a field of a key; here they are about an item of the scope. */
function named<T>(
  field: string,
  text: string,
  parse: (text: string) => T,
  problems: Problems,
): T | undefined {
  const own = new Problems();
  const parsed = own.attempt(() => parse(text));
  for (const { message } of own.found) problems.add(field, message);
  return parsed;
}

function parseService(text: string): Service {
  const service = SERVICES.find((one) => one === text);
  if (service === undefined)
    throw invalid({ field: "services", message: `must be one of ${SERVICES.join(", ")}` });
  return service;
}

function parseScopeTag(text: string): string {
  const tag = parseTag(text);
  if (tag === null) throw invalid({ field: "tags", message: "must not be empty" });
  return tag;
}
