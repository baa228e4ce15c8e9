export * from "./read-dashboard.ts";
