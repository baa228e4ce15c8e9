import { type Config, ConfigError, readConfig } from "../../../config.ts";
import { warningsOfNode } from "../../../node-variables.ts";
import type { Environment } from "../../invocation.ts";
import { type Finding, fault, good, warning } from "./finding.ts";

/** The environment as a start would read it; without a `config` the start would fail on it. */
export function checkEnvironment(environment: Environment): {
  readonly config: Config | undefined;
  readonly findings: readonly Finding[];
} {
  const node = [
    good(`Node ${process.versions.node}`),
    ...warningsOfNode(environment, process.execArgv).map((line) => warning(line)),
  ];
  try {
    const config = readConfig(environment);
    return { config, findings: [...node, good("the environment is good")] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const problems = error.problems.map((problem) => fault(problem, "the other checks wait for this"));
    return { config: undefined, findings: [...node, ...problems] };
  }
}
