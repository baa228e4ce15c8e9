import { V8_FLAGS } from "../../test/servers/start-command.ts";
import { type ChildServer, startChildServer } from "./child-server.ts";

const PROGRAM = "bench/processes/bare-server.ts";
// Node adds these by itself, in both servers.
const OWN_HEADERS = ["date", "connection", "keep-alive"];

/** A bare server that answers everything with the bytes of this answer. */
export async function startBare(answer: Response): Promise<ChildServer> {
  const headers = [...answer.headers].filter(([name]) => !OWN_HEADERS.includes(name)).flat();
  const body = await answer.text();
  return startChildServer([...V8_FLAGS, PROGRAM], {
    ANSWER: JSON.stringify({ headers, body }),
  });
}
