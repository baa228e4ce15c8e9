import stringWidth from "string-width";

export interface Column<T> {
  readonly title: string;
  readonly of: (row: T) => string | number | null;
  readonly align?: "right";
}

const GAP = "  ";

/** Lines with aligned columns, a title first; wide characters, as Chinese ones, count twice. */
export function tableOf<T>(rows: readonly T[], columns: readonly Column<T>[]): readonly string[] {
  const cells = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ of }) => printable(of(row) ?? "-"))),
  ];
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => stringWidth(line[index] ?? ""))));
  return cells.map((line) =>
    line
      .map((cell, index) => {
        const fill = " ".repeat((widths[index] ?? 0) - stringWidth(cell));
        return columns[index]?.align === "right" ? fill + cell : cell + fill;
      })
      .join(GAP)
      .trimEnd(),
  );
}

/** `name  value` lines. */
export function listOf(entries: readonly (readonly [name: string, value: string | number | null])[]) {
  const width = Math.max(0, ...entries.map(([name]) => stringWidth(name)));
  return entries.map(
    ([name, value]) => `${name}${" ".repeat(width - stringWidth(name))}${GAP}${printable(value ?? "-")}`,
  );
}

/** One line that leaves a terminal as it is: names and notes come from others, and may hold control characters. */
export function printable(value: string | number): string {
  return String(value).replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, "�");
}
