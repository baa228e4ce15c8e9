import type { Command } from "commander";
import type { CommandLine } from "../command-line.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import type { Invocation } from "../invocation.ts";
import { printable } from "../output/table.ts";
import type { Finding } from "./doctor/finding.ts";

const SIGNS = {
  good: ["✓", "green"],
  warning: ["!", "yellow"],
  fault: ["✗", "red"],
} as const;

export function doctorCommand(program: Command, line: CommandLine): void {
  const doctor = program
    .command("doctor")
    .description(
      "look for what is wrong: environment, database, master key, tokens, audit, Redis, webhook, clocks",
    )
    .option("--azure", "and whether Azure's hosts are reached; sends no key")
    .addHelpText(
      "after",
      "\nChanges nothing, also beside a running server. ✓ is good, ! is good to know, ✗ has to be mended, which ends with 1.",
    );
  line.does(doctor, tellFindings);
}

async function tellFindings(
  invocation: Invocation,
  { azure = false }: { readonly azure?: boolean },
): Promise<ExitCode> {
  const { examine } = await import("./doctor/examine.ts");
  const { terminal, isJson, isQuiet } = invocation;
  const checks: Finding[] = [];
  for await (const finding of examine(invocation.environment, { azure })) {
    checks.push(finding);
    if (isJson || (isQuiet && finding.level === "good")) continue;
    const [sign, colour] = SIGNS[finding.level];
    terminal.out(`${terminal.coloured(colour, sign)} ${printable(finding.what)}`);
    if (finding.advice !== undefined) terminal.out(`    ${printable(finding.advice)}`);
  }
  const healthy = checks.every(({ level }) => level !== "fault");
  if (isJson) invocation.answer({ healthy, checks }, () => []);
  return healthy ? EXIT.done : EXIT.failed;
}
