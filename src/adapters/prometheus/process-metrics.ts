import { readdir } from "node:fs/promises";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Families } from "./families.ts";
import type { Counted } from "./tally.ts";

const DELAYS = ["min", "mean", "p50", "p90", "p99", "max"] as const;

/**
 * The processor, the memory and the event loop of this process, under the names that the client gives them. The client's
 * own set also watches every collection of garbage, which at full load costs one hand-out in fifty, and cannot be told
 * not to.
 */
export function addProcessMetrics(families: Families): void {
  addProcessor(families);
  addMemory(families);
  addEventLoop(families);
  families.gauge("nodejs_version_info", "The version of Node.", ["version"], () => [
    { labels: [process.version], count: 1 },
  ]);
}

function addProcessor(families: Families): void {
  const cpu = (name: string, help: string, read: (usage: NodeJS.CpuUsage) => number) =>
    families.counter(name, help, [], () => one(read(process.cpuUsage()) / 1e6));
  cpu("process_cpu_user_seconds_total", "Processor time in the program, in seconds.", ({ user }) => user);
  cpu(
    "process_cpu_system_seconds_total",
    "Processor time in the system, in seconds.",
    ({ system }) => system,
  );
  cpu("process_cpu_seconds_total", "Processor time, in seconds.", ({ user, system }) => user + system);
  const startedAt = Math.round(performance.timeOrigin / 1000);
  families.gauge("process_start_time_seconds", "When the process began, in seconds of the epoch.", [], () =>
    one(startedAt),
  );
  families.gauge("process_open_fds", "Open file descriptors, where the system tells.", [], () =>
    readdir("/proc/self/fd").then(
      ({ length }) => one(length),
      () => [],
    ),
  );
}

function addMemory(families: Families): void {
  const memory = (name: string, help: string, read: (usage: NodeJS.MemoryUsage) => number) =>
    families.gauge(name, help, [], () => one(read(process.memoryUsage())));
  memory("process_resident_memory_bytes", "Resident memory, in bytes.", ({ rss }) => rss);
  memory("nodejs_heap_size_total_bytes", "The heap, in bytes.", ({ heapTotal }) => heapTotal);
  memory("nodejs_heap_size_used_bytes", "What of the heap is in use, in bytes.", ({ heapUsed }) => heapUsed);
  memory(
    "nodejs_external_memory_bytes",
    "Memory of objects outside of the heap, in bytes.",
    (usage) => usage.external,
  );
}

/** Each scrape tells what happened since the one before. */
function addEventLoop(families: Families): void {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const inSeconds: Readonly<Record<(typeof DELAYS)[number], () => number>> = {
    min: () => delay.min / 1e9,
    mean: () => delay.mean / 1e9,
    p50: () => delay.percentile(50) / 1e9,
    p90: () => delay.percentile(90) / 1e9,
    p99: () => delay.percentile(99) / 1e9,
    max: () => delay.max / 1e9,
  };
  for (const name of DELAYS) {
    families.gauge(
      `nodejs_eventloop_lag_${name}_seconds`,
      `How late timers were, in seconds: ${name}.`,
      [],
      () => {
        const seconds = delay.count === 0 ? 0 : inSeconds[name]();
        // The last of them, in the order in which a registry reads.
        if (name === "max") delay.reset();
        return one(seconds);
      },
    );
  }
  let before = performance.eventLoopUtilization();
  families.gauge(
    "nodejs_eventloop_utilization",
    "Which part of the time the event loop was at work.",
    [],
    () => {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, before);
      before = now;
      return one(utilization);
    },
  );
}

function one(count: number): readonly Counted[] {
  return [{ labels: [], count }];
}
