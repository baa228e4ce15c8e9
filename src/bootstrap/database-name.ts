import { resolve } from "node:path";
import { parseDatabaseUrl } from "../adapters/mikro-orm/index.ts";

/** A database's URL as it may be shown: without password, and with the whole path of a file. */
export function databaseName(url: string): string {
  const at = parseDatabaseUrl(url);
  return at.kind === "sqlite" ? `sqlite:${resolve(at.path)}` : at.name;
}
