/** What a figure has to be: `ratio` is measured against the anchor, `measured` stands for itself. */
export interface Demand {
  readonly on: "ratio" | "measured";
  readonly is: "≥" | "≤" | "<" | "=";
  readonly goal: number;
  /** What a prototype reached. */
  readonly aim?: number;
}

/** One line of the table. */
export interface Row {
  readonly figure: string;
  readonly unit: string;
  /** Null when it could not be measured; then `note` says why. */
  readonly measured: number | null;
  /** The same work done by something that is as simple as can be, measured in turn with ours. */
  readonly anchor?: number;
  readonly demand?: Demand;
  /** A figure with errors reaches nothing. Default: 0. */
  readonly errors?: number;
  readonly note?: string;
}

export function ratioOf({ measured, anchor }: Row): number | undefined {
  return measured === null || !anchor ? undefined : measured / anchor;
}

export function reachedBy(row: Row): "aim" | "goal" | "no" | "" {
  const { demand, measured, errors = 0 } = row;
  if (!demand) return "";
  const value = demand.on === "ratio" ? ratioOf(row) : measured;
  if (value === undefined || value === null || errors > 0 || !holds(value, demand.is, demand.goal))
    return "no";
  return demand.aim !== undefined && holds(value, demand.is, demand.aim) ? "aim" : "goal";
}

export function unmeasured(figure: string, reason: string): Row {
  return { figure, unit: "", measured: null, note: reason };
}

function holds(value: number, is: Demand["is"], bound: number): boolean {
  if (is === "≥") return value >= bound;
  if (is === "≤") return value <= bound;
  return is === "<" ? value < bound : value === bound;
}
