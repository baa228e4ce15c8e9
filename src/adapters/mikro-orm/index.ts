export { type Database, type DatabaseOptions, openDatabase } from "./open-database.ts";
export { DatabaseInUse } from "./sqlite/owner-lock.ts";
