export * from "./create-webhook.ts";
export { WEBHOOK_FORMATS, type WebhookFormat } from "./message.ts";
