import { FAILURE_WORDS, isFailureCode } from "./failure-words.ts";
import type { Json } from "./json.ts";
import { SAMPLES } from "./samples.ts";

/** Stands where nobody has said what a field looks like. */
export const UNKNOWN = "…";

const TIME = "2026-01-01T00:00:00.000Z";

interface Known {
  /** What schemas refer to. */
  readonly schemas: Readonly<Record<string, Json>>;
  /** What fields of these names hold, ahead of the usual. */
  readonly samples?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Something of this schema, the same each time. What may be null or absent and has no sample is null or absent, so that
 * an example of a key is not disabled and enabled at once.
 */
export function exampleOf(schema: Json, known: Known, name = ""): unknown {
  const { $ref, anyOf, oneOf, enum: values, examples, properties, type } = schema;
  if (typeof $ref === "string") return exampleOf(known.schemas[nameIn($ref)] ?? {}, known, name);
  if (Array.isArray(examples)) return examples[0];
  if ("const" in schema) return schema.const;
  const sample = known.samples?.[name] ?? SAMPLES[name];
  if (sample !== undefined && isOf(schema, sample)) return sample;
  const either = (anyOf ?? oneOf ?? []) as readonly Json[];
  if (typesOf(type).includes("null") || either.some((one) => one.type === "null")) return null;
  if (Array.isArray(values)) return values[0];
  if (either[0]) return exampleOf(either[0], known, name);
  if (properties) return withWords(objectOf(schema, known));
  if (type === "array") return [exampleOf((schema.items ?? {}) as Json, known, singular(name))];
  return plain(schema);
}

function plain({ type, format, minimum }: Json): unknown {
  if (type === "string") return format === "date-time" ? TIME : UNKNOWN;
  if (type === "integer" || type === "number") return typeof minimum === "number" ? minimum : 1;
  if (type === "boolean") return true;
  return type === "object" ? {} : UNKNOWN;
}

function objectOf({ properties, required = [] }: Json, known: Known): Json {
  const isNeeded = (name: string) =>
    (required as readonly string[]).includes(name) || (known.samples?.[name] ?? SAMPLES[name]) !== undefined;
  const fields = Object.entries(properties as Readonly<Record<string, Json>>);
  return Object.fromEntries(
    fields.filter(([name]) => isNeeded(name)).map(([name, field]) => [name, exampleOf(field, known, name)]),
  );
}

/** A failure says what goes with its code. */
function withWords(example: Readonly<Record<string, unknown>>): Json {
  const { code } = example;
  if (example.success !== false || !isFailureCode(code)) return example;
  return { ...example, error: FAILURE_WORDS[code] };
}

function isOf({ type, anyOf, enum: values }: Json, sample: unknown): boolean {
  if (Array.isArray(values)) return values.includes(sample);
  if (Array.isArray(anyOf)) return anyOf.some((one) => isOf(one, sample));
  return type === undefined || typesOf(type).includes(typeOf(sample));
}

function typesOf(type: unknown): readonly unknown[] {
  return Array.isArray(type) ? type : [type];
}

function typeOf(sample: unknown): string {
  if (Array.isArray(sample)) return "array";
  if (sample === null) return "null";
  return typeof sample === "number" ? "integer" : typeof sample;
}

function singular(name: string): string {
  return name.replace(/s$/, "");
}

export function nameIn($ref: string): string {
  return $ref.slice($ref.lastIndexOf("/") + 1);
}
