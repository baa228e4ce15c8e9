export { type CopyProgress, CopyRefused, type Counts, copyDatabase } from "./copy-database.ts";
export { type Database, type DatabaseOptions, openDatabase } from "./open-database.ts";
export { openSession, type SqlSession } from "./sql-session.ts";
export { DatabaseInUse } from "./sqlite/owner-lock.ts";
