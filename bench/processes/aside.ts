import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";

const PROCESSORS = availableParallelism();
const ASIDE = ["chrt", "--idle", "0", "taskset", "--cpu-list", String(PROCESSORS - 1)] as const;

/** Whether this machine can run something `aside`: Linux can, where it has more than one processor. */
export const CAN_BE_ASIDE: boolean =
  PROCESSORS > 1 && spawnSync(ASIDE[0], [...ASIDE.slice(1), "true"]).status === 0;

/**
 * The command that runs a command on the last processor alone, and only in the time that nobody else wants of it, as if
 * it were on another machine. Where this cannot be, the command as it is.
 */
export function aside(command: readonly string[]): readonly string[] {
  return CAN_BE_ASIDE ? [...ASIDE, ...command] : command;
}
