import { readFileSync, statfsSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { isLongRun } from "./test/situations/long-run.ts";
import { SlowestFirst } from "./test/slowest-first.ts";

/**
 * Tests that start Redis, PostgreSQL or other processes, or ask a server of their own for so much that it takes seconds.
 * Any other, neither in PACKAGE nor in RELEASE, is a unit test.
 */
const SERVERS = [
  "test/bootstrap/**/*.test.ts",
  "test/adapters/{mikro-orm,redis,speech-sdk}/**/*.test.ts",
  "test/adapters/http/{events,probes}/**/*.test.ts",
  "test/adapters/http/{closed-door-fuzz,matrix,scope-matrix,secrets,server/connection,uploads/uploads}.test.ts",
  "test/**/*.servers.test.ts",
];

/** Tests of what is around the code: what is packed, who imports whom, the examples, the bench. */
const PACKAGE = ["test/{architecture,tiers}.test.ts", "test/{bench,examples,package}/**/*.test.ts"];

/** What is looked at in CI and before a release: what is packed, what the pages for users say to run, servers that are killed. */
const RELEASE = ["test/**/*.release.test.ts"];

const ALL = ["test/**/*.test.ts", "examples/**/*.test.ts"];

const BUNDLED = "test/servers/bundled-programs.ts";
const POSTGRES = "test/servers/shared-postgres.ts";

/** Far more than the slowest test needs on a busy machine: it ends only what is stuck. */
const STUCK_MS = isLongRun ? 600_000 : 300_000;

/** Tests that keep a processor busy, by themselves or by what they start. A worker more has all modules to load. */
const WORKING = { maxWorkers: availableParallelism(), sequence: { groupOrder: 1 } };

/** Tests that wait for processes and servers of their own, so more run at a time: not many, for all share the processor's cache. */
const WAITING = { maxWorkers: availableParallelism() + 2, sequence: { groupOrder: 2 } };

/** Where files are in memory, on Linux. */
const MEMORY = "/dev/shm";
const ROOM_BYTES = 2 * 2 ** 30;

// Hundreds of databases are made, none of which outlives its run: on a disk that is a tenth of a second each.
const onDisk = tmpdir();
if (hasRoom(MEMORY)) process.env.TMPDIR = MEMORY;
// Those of the package start programs from there, which a container may forbid.
const ofPackage = { TMPDIR: runsPrograms(MEMORY) ? tmpdir() : onDisk };

// What the workers, and the processes that they start, have compiled is compiled once.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, "node_modules/.cache/node");

export default defineConfig({
  test: {
    // Node runs the sources as they are, from its compile cache: what the runner makes of them takes a quarter longer.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    testTimeout: STUCK_MS,
    hookTimeout: STUCK_MS,
    expect: { poll: { timeout: STUCK_MS / 2 } },
    // Loading the modules once a worker, not once a file, is half of the time.
    isolate: false,
    sequence: { sequencer: SlowestFirst },
    // The examples import the package by its name; under this condition that is the source, not the build.
    // A worker that has room collects less garbage, but what is new should fit the processor's cache.
    execArgv: [
      "--conditions=azure-key-pool:source",
      "--max-semi-space-size=16",
      "--initial-old-space-size=256",
    ],
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          ...WORKING,
          include: ALL,
          exclude: [...SERVERS, ...PACKAGE, ...RELEASE],
          // A server that a unit test asks for is not there, and it may not skip itself for that.
          env: { CI: "true", PATH: "", POSTGRES_URL: nowhere("postgres"), REDIS_URL: nowhere("redis") },
        },
      },
      {
        extends: true,
        test: {
          name: "servers",
          ...WAITING,
          include: SERVERS,
          exclude: RELEASE,
          globalSetup: [BUNDLED, POSTGRES],
        },
      },
      {
        extends: true,
        test: {
          name: "package",
          ...WORKING,
          include: PACKAGE,
          exclude: RELEASE,
          env: ofPackage,
          globalSetup: BUNDLED,
        },
      },
      {
        extends: true,
        test: {
          name: "release",
          ...WAITING,
          include: RELEASE,
          env: ofPackage,
          globalSetup: [BUNDLED, POSTGRES, "test/package/pack-folder.ts"],
        },
      },
    ],
  },
});

function hasRoom(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize > ROOM_BYTES;
  } catch {
    return false;
  }
}

function runsPrograms(folder: string): boolean {
  try {
    const mounts = readFileSync("/proc/self/mounts", "utf8").split("\n");
    const options = mounts.map((line) => line.split(" ")).find(([, where]) => where === folder)?.[3];
    return options?.split(",").includes("noexec") === false;
  } catch {
    return false;
  }
}

function nowhere(scheme: string): string {
  return `${scheme}://127.0.0.1:1`;
}
