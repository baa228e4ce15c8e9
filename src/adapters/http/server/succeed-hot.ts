import type { Answering, RequestContext } from "./request-context.ts";

/**
 * Answers 200 past Koa's own way of sending: on a hot route, its header handling costs more than making the
 * JSON.
 */
export function succeedHot<D>(ctx: Answering<D>, data: NoInfer<D>, message: string): void {
  claim(ctx, 200);
  send(ctx, JSON.stringify(data), message);
}

/**
 * `succeedHot` at the end of this turn of the event loop, together with all others that came in with it: a
 * client that is written to once for each of them goes to sleep and has to be woken as often, which costs a
 * third of the throughput.
 */
export function succeedTogether<D>(ctx: Answering<D>, data: NoInfer<D>, message: string, status = 200): void {
  const json = JSON.stringify(data);
  claim(ctx, status);
  if (together.length === 0) setImmediate(sendTogether);
  together.push({ ctx, json, message });
}

interface Answer {
  readonly ctx: RequestContext;
  readonly json: string;
  readonly message: string;
}

let together: Answer[] = [];

function sendTogether(): void {
  const answers = together;
  together = [];
  for (const { ctx, json, message } of answers) {
    try {
      send(ctx, json, message);
    } catch (error) {
      // Somebody around this app has answered already; the others still wait.
      ctx.app.emit("error", error, ctx);
    }
  }
}

/** The context is answered from here on, whenever the bytes go out. */
function claim(ctx: RequestContext, status: number): void {
  ctx.status = status;
  ctx.respond = false;
}

function send({ res, state }: RequestContext, json: string, message: string): void {
  const body = `{"success":true,"data":${json},"message":"${message}"}`;
  res.writeHead(res.statusCode, [
    "Content-Type",
    "application/json; charset=utf-8",
    "Content-Length",
    String(Buffer.byteLength(body)),
    "Cache-Control",
    "no-store",
    "X-Content-Type-Options",
    "nosniff",
    "X-Request-Id",
    state.requestId,
  ]);
  res.end(body);
}
