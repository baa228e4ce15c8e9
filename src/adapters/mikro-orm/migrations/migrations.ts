import { FirstTables } from "./first-tables.ts";

/** In the order in which they run. Named apart from the classes, whose names a bundler may change. */
export const MIGRATIONS = [{ name: "0001_first_tables", class: FirstTables }];
