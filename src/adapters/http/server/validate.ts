import type { z } from "zod";
import type { FieldProblem } from "../../../domain/index.ts";
import { invalid } from "./refusal.ts";

const HARMLESS = /^[A-Za-z_]{1,31}$/;

/** Parses with the schema or throws `invalid_request` with every bad field. `whole` names the value itself. */
export function validate<S extends z.ZodType>(schema: S, value: unknown, whole: string): z.output<S> {
  const result = schema.safeParse(value, { error: wording });
  if (!result.success) throw invalid(...problemsOf(result.error, whole));
  return result.data;
}

export function problemsOf({ issues }: z.ZodError, whole: string): readonly FieldProblem[] {
  return issues.flatMap(({ path, message, ...issue }) => {
    const misspelt = issue.code === "unrecognized_keys" ? issue.keys.filter(isHarmlessName) : [];
    if (misspelt.length === 0) return [{ field: fieldName(path) || whole, message }];
    return misspelt.map((name) => ({ field: fieldName([...path, name]), message: "is not known" }));
  });
}

/** Whether an unknown field may be named in an answer; any other name may be a secret in the wrong place. */
export function isHarmlessName(name: string): boolean {
  return HARMLESS.test(name);
}

/** Says what a field must be. Never repeats its value, which may be a secret in the wrong place. */
export function wording(issue: z.core.$ZodRawIssue): string {
  if (issue.code === "invalid_value") return `must be one of ${issue.values.join(", ")}`;
  if (issue.code === "unrecognized_keys") return "has fields that are not known";
  if (issue.code === "invalid_type" && issue.input !== undefined) {
    return issue.expected === "object" ? "must be a JSON object" : `must be a JSON ${issue.expected}`;
  }
  return issue.input === undefined ? "is required" : "is not valid";
}

function fieldName(path: readonly PropertyKey[]): string {
  return path.reduce<string>((name, part) => {
    if (typeof part === "number") return `${name}[${part}]`;
    return name === "" ? String(part) : `${name}.${String(part)}`;
  }, "");
}
