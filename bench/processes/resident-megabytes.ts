import { readFileSync, writeFileSync } from "node:fs";

/** What a process holds in memory; only Linux tells it. */
export function residentMegabytes(pid: number): number {
  return megabytesOf(pid, "VmRSS");
}

/** The most it has held since `forgetPeak`. */
export function peakMegabytes(pid: number): number {
  return megabytesOf(pid, "VmHWM");
}

export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

function megabytesOf(pid: number, name: string): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const [, kilobytes] = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status) ?? [];
  return (Number(kilobytes) * 1024) / 1e6;
}
