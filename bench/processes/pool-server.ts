import { type ChildServer, startChildServer } from "./child-server.ts";

/** The real server as it is shipped, on a free port. */
export function startPoolServer(file: string): Promise<ChildServer> {
  const command = [
    "--max-semi-space-size=4",
    "--import",
    "./src/bootstrap/compile-cache.mjs",
    "src/bootstrap/main.ts",
  ];
  return startChildServer(command, { PORT: "0", DATABASE_URL: `sqlite:${file}` });
}

export const HAND_OUT = "/api/keys/get?region=eastasia";
export const REPORT = "/api/keys/status";

/** Fails when the answer is not 2xx. */
export async function ask(url: string, method = "GET", body?: object): Promise<Response> {
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(url, { method, ...(body && { headers, body: JSON.stringify(body) }) });
  if (!response.ok) throw new Error(`${method} ${new URL(url).pathname} answered ${response.status}`);
  return response;
}
