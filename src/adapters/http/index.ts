export * from "./create-http-app.ts";
export * from "./listen.ts";
