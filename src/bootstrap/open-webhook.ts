import type { Logger } from "pino";
import { createWebhook, type Webhook } from "../adapters/webhook/index.ts";
import type { Clock, Scheduler } from "../domain/index.ts";
import type { Config } from "./config.ts";

/** Undefined without a `WEBHOOK_URL`. The log gets one line when messages begin to be lost, one when they no longer are. */
export function openWebhook(
  { webhookUrl: url, webhookFormat: format, webhookLowPool: lowPool }: Config,
  clock: Clock,
  scheduler: Scheduler,
  logger: Logger,
): Webhook | undefined {
  if (url === undefined) return undefined;
  const onState = (fault: string | undefined) => {
    if (fault === undefined) logger.info("the webhook takes messages again");
    else logger.warn({ fault }, "the webhook takes no messages, those it should get are lost");
  };
  return createWebhook({ url, format, lowPool, clock, scheduler, onState });
}
