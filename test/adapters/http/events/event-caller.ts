import { once } from "node:events";
import { type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import type { Json } from "../open-api.ts";

export interface Message {
  readonly event: string;
  readonly id?: string;
  readonly data: Json;
}

/** A caller of a stream that reads what comes. */
export interface EventCaller {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly messages: readonly Message[];
  /** What has come so far, as it was sent. */
  text(): string;
  comments(): number;
  /** Waits for so many messages. */
  has(count: number): Promise<void>;
  readonly closed: Promise<unknown>;
  pause(): void;
  resume(): void;
  hangUp(): void;
}

/** Calls `/events` on a connection of its own. With `take`, what comes is given to it and not kept. */
export function watchEvents(
  url: string,
  query = "",
  headers: Readonly<Record<string, string>> = {},
  take?: (message: Omit<Message, "data">) => void,
): Promise<EventCaller> {
  return callStream(`${url}/api/events${query}`, headers, take);
}

/** The same for any stream. */
export async function callStream(
  target: string,
  headers: Readonly<Record<string, string>> = {},
  take?: (message: Omit<Message, "data">) => void,
): Promise<EventCaller> {
  const sent = request(target, { headers, agent: false }).end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  response.setEncoding("utf8");
  response.on("error", () => {});
  const messages: Message[] = [];
  const waiting = new Set<() => void>();
  let text = "";
  let comments = 0;
  let rest = "";
  response.on("data", (chunk: string) => {
    if (!take) text += chunk;
    const blocks = (rest + chunk).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      if (take) {
        const [, event, id] = /^event: (.*)\nid: (.*)$/m.exec(block) ?? [];
        if (event !== undefined) take({ event, ...(id !== undefined && { id }) });
        continue;
      }
      const message = read(block);
      if (message) messages.push(message);
      else if (block.startsWith(":")) comments += 1;
    }
    for (const look of [...waiting]) look();
  });
  return {
    status: response.statusCode as number,
    headers: response.headers,
    messages,
    text: () => text,
    comments: () => comments,
    has: (count) =>
      new Promise((resolve) => {
        const look = () => {
          if (messages.length < count) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    closed: new Promise((resolve) => response.on("close", resolve)),
    pause: () => void response.pause(),
    resume: () => void response.resume(),
    hangUp: () => void sent.destroy(),
  };
}

/** Undefined for what is no message, such as a comment. */
function read(block: string): Message | undefined {
  const fields = new Map(
    block.split("\n").map((line): [string, string] => {
      const colon = line.indexOf(": ");
      return [line.slice(0, colon), line.slice(colon + 2)];
    }),
  );
  const [event, id, data] = [fields.get("event"), fields.get("id"), fields.get("data")];
  if (event === undefined || data === undefined) return undefined;
  return { event, ...(id !== undefined && { id }), data: JSON.parse(data) };
}
