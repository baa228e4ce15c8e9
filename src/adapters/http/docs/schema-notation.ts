import type { Json } from "./json.ts";

/** A JSON schema as people read it, much like a TypeScript type; references are named, not followed. */
export function notation(schema: Json, indent = ""): string {
  const { $ref, anyOf, oneOf, enum: values, properties, type } = schema;
  if (typeof $ref === "string") return $ref.slice($ref.lastIndexOf("/") + 1);
  const either = (anyOf ?? oneOf) as readonly Json[] | undefined;
  if (either) return either.map((one) => notation(one, indent)).join(" | ");
  if (Array.isArray(values)) return values.map((value) => JSON.stringify(value)).join(" | ");
  if ("const" in schema) return JSON.stringify(schema.const);
  if (properties) return objectNotation(schema, indent);
  if (type === "array") {
    const item = notation((schema.items as Json | undefined) ?? {}, indent);
    return item.includes(" | ") && !item.startsWith("{") ? `(${item})[]` : `${item}[]`;
  }
  if (typeof schema.additionalProperties === "object") {
    return `{ [name]: ${notation(schema.additionalProperties as Json, indent)} }`;
  }
  if (Array.isArray(type)) return type.join(" | ");
  return typeof type === "string" ? withFormat(type, schema) : "any JSON";
}

function objectNotation({ properties, required = [] }: Json, indent: string): string {
  const inner = `${indent}  `;
  const lines = Object.entries(properties as Record<string, Json>).map(([name, property]) => {
    const mark = (required as readonly string[]).includes(name) ? "" : "?";
    const remark = remarkOn(property);
    return `${inner}${name}${mark}: ${notation(property, inner)}${remark && `  // ${remark}`}`;
  });
  return `{\n${lines.join("\n")}\n${indent}}`;
}

/** What a schema says besides its shape. */
export function remarkOn(schema: Json): string {
  const { description, anyOf, minimum, maximum, minLength, maxLength } = schema;
  const inner = ((anyOf ?? []) as readonly Json[]).find((one) => one.description)?.description;
  const limits = [range(minimum, maximum, ""), range(minLength, maxLength, " characters")];
  return [description ?? inner, ...limits].filter(Boolean).join("; ");
}

function withFormat(type: string, { format }: Json): string {
  return format === "date-time" ? "time" : type;
}

function range(min: unknown, max: unknown, unit: string): string {
  const upper = typeof max === "number" && max < Number.MAX_SAFE_INTEGER ? max : undefined;
  if (upper === undefined) return "";
  return typeof min === "number" ? `${min} to ${upper}${unit}` : `at most ${upper}${unit}`;
}
