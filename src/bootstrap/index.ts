export { type Config, ConfigError, readConfig } from "./config.ts";
export { type Server, type ServerOptions, startServer } from "./server.ts";
export * from "./tokens.ts";
