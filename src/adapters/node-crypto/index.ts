export * from "./node-token-crypto.ts";
