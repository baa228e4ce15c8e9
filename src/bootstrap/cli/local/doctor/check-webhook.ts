import type { Config } from "../../../config.ts";
import { checkOrigin } from "./check-azure.ts";
import { type Finding, good } from "./finding.ts";

/**
 * Whether the host of the webhook is reached: name, connection, certificate. Posts nothing, and does not repeat the rest
 * of the URL, which is a secret.
 */
export async function checkWebhook(
  url: string,
  { webhookFormat: format }: Config,
): Promise<readonly Finding[]> {
  const { origin } = new URL(url);
  return [good(`the webhook gets ${format}`), await checkOrigin(origin, "the webhook's host ")];
}
