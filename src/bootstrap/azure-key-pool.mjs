#!/usr/bin/env node
// The command. In JavaScript that every Node reads, so that one that is too old gets to say so.
import "./check-node.mjs";

await import("./compile-cache.mjs");
await import("./cli/main.ts");
