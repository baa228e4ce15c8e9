import type { AuditedAct } from "../app/answers.ts";

interface Change {
  readonly field: string;
  readonly from: string;
  readonly to: string;
}

const NOTHING = "–";

/**
 * What an act changes, field by field, and the reason that was given for it. A field that only `before` names is shown
 * where nothing is after, as of what is deleted: an act need not say again what it leaves as it is.
 */
export function changesOf(
  before: AuditedAct["before"],
  after: AuditedAct["after"],
): { readonly reason: string | null; readonly changes: readonly Change[] } {
  const { reason, ...made } = after ?? {};
  const isShown = (field: string) => field in made || after === null;
  const fields = [...new Set([...Object.keys(before ?? {}), ...Object.keys(made)])].filter(isShown);
  const changes = fields
    .map((field) => ({ field, from: textOf(field, before?.[field]), to: textOf(field, made[field]) }))
    .filter(({ from, to }) => from !== to);
  return { reason: typeof reason === "string" ? reason : null, changes };
}

function textOf(field: string, value: unknown): string {
  if (value === undefined || value === null || value === "") return NOTHING;
  if (typeof value === "number" && /(At|Until)$/.test(field)) return new Date(value).toISOString();
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
