import { enableCompileCache } from "node:module";

// Keeps what was compiled for the next start. Set before anything else is imported, hence two files.
enableCompileCache();
await import("./run.ts");
