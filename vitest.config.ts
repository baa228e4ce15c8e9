import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: process.env.LONG ? 600_000 : 30_000,
  },
});
