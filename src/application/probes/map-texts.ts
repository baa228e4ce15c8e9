/** Of a parsed answer; no service nests deeper, and JSON of another depth could not be written again. */
const DEEPEST = 100;

/** The same value with every text in it changed, names included; what is nested too deep becomes null. */
export function mapTexts<T>(value: T, change: (text: string) => string): T {
  return mapped(value, change, DEEPEST) as T;
}

function mapped(value: unknown, change: (text: string) => string, left: number): unknown {
  if (typeof value === "string") return change(value);
  if (typeof value !== "object" || value === null) return value;
  if (left === 0) return null;
  if (Array.isArray(value)) return value.map((each) => mapped(each, change, left - 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [change(name), mapped(each, change, left - 1)]),
  );
}
