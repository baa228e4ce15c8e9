/** What a check has found. */
export interface Finding {
  /** `warning`: it runs, and somebody should know. `fault`: something has to be mended. */
  readonly level: "good" | "warning" | "fault";
  readonly what: string;
  /** What to do. */
  readonly advice?: string;
}

export function good(what: string): Finding {
  return { level: "good", what };
}

export function warning(what: string, advice?: string): Finding {
  return { level: "warning", what, ...(advice !== undefined && { advice }) };
}

export function fault(what: string, advice?: string): Finding {
  return { level: "fault", what, ...(advice !== undefined && { advice }) };
}

export function messageOf(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  return message || code || String(error);
}
