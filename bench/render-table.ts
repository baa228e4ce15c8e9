import { type Demand, type Row, ratioOf, reachedBy } from "./row.ts";

const HEAD = ["figure", "measured", "anchor", "ratio", "goal", "aim", "reached", "note"];

/** The rows as a Markdown table whose columns line up. */
export function renderTable(rows: readonly Row[]): string {
  const cells = [HEAD, ...rows.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  const lines = cells.map((line) => `| ${line.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |`);
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
  return [lines[0], rule, ...lines.slice(1)].join("\n");
}

/** A number as people read it: three digits that matter, thousands set apart. */
export function inFigures(value: number): string {
  if (Math.abs(value) >= 100 || Number.isInteger(value)) return Math.round(value).toLocaleString("en-US");
  return value.toPrecision(3);
}

function cellsOf(row: Row): string[] {
  const { figure, measured, anchor, unit, demand, errors, note = "" } = row;
  const withUnit = (value: number) => [inFigures(value), unit].join(" ").trim();
  const ratio = ratioOf(row);
  const failed = errors ? [`${errors} errors`] : [];
  return [
    figure,
    measured === null ? "n/a" : withUnit(measured),
    anchor === undefined ? "" : withUnit(anchor),
    ratio === undefined ? "" : ratio.toFixed(2),
    bound(demand, demand?.goal),
    bound(demand, demand?.aim),
    reachedBy(row),
    [...failed, note].filter(Boolean).join("; "),
  ];
}

function bound(demand: Demand | undefined, value: number | undefined): string {
  return demand === undefined || value === undefined ? "" : `${demand.is} ${inFigures(value)}`;
}
