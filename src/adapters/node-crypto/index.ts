export * from "./node-chance.ts";
export * from "./node-token-crypto.ts";
