import { SERVER_ENVIRONMENT } from "../../test/servers/pool-server.ts";
import { START_ARGUMENTS } from "../../test/servers/start-command.ts";
import { type ChildServer, startChildServer } from "./child-server.ts";

type Environment = Readonly<Record<string, string>>;

/** The real server as it is shipped, on a free port and a database file. */
export function startPoolServer(file: string, more: Environment = {}): Promise<ChildServer> {
  return startInstance(`sqlite:${file}`, more);
}

/** One of the servers that may share a database. */
export function startInstance(databaseUrl: string, more: Environment = {}): Promise<ChildServer> {
  return startChildServer(START_ARGUMENTS, { ...SERVER_ENVIRONMENT, DATABASE_URL: databaseUrl, ...more });
}

export const HAND_OUT = "/api/keys/get?region=eastasia";
export const REPORT = "/api/keys/status";
export const LEASE = "/api/leases";

/** Fails when the answer is not 2xx. */
export async function ask(url: string, method = "GET", body?: object): Promise<Response> {
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(url, { method, ...(body && { headers, body: JSON.stringify(body) }) });
  if (!response.ok) throw new Error(`${method} ${new URL(url).pathname} answered ${response.status}`);
  return response;
}
