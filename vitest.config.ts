import { defineConfig } from "vitest/config";

export default defineConfig({
  // The examples import the package by its name; under this condition that is the source, not the build.
  ssr: { resolve: { conditions: ["azure-key-pool:source", "module", "node", "development|production"] } },
  test: {
    include: ["test/**/*.test.ts", "examples/**/*.test.ts"],
    testTimeout: process.env.LONG ? 600_000 : 30_000,
  },
});
