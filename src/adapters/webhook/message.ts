import { describeNotice, type Notice } from "./notice.ts";

export const WEBHOOK_FORMATS = ["json", "slack", "feishu"] as const;
export type WebhookFormat = (typeof WEBHOOK_FORMATS)[number];

/** Feishu can be told to take only what has a certain word in it. */
const PREFIX = "azure-key-pool: ";

/** What is posted. Names of keys stay text: chats have markup that calls everybody. */
export function messageOf(notice: Notice, format: WebhookFormat): object {
  const text = PREFIX + describeNotice(notice);
  switch (format) {
    case "slack":
      return { text: text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;") };
    case "feishu":
      return { msg_type: "text", content: { text: text.replaceAll("<", "‹").replaceAll(">", "›") } };
    case "json": {
      const { at, ...rest } = notice;
      return { ...wireNames(rest), at: new Date(at).toISOString(), text };
    }
  }
}

/** The names that the HTTP API has for the same. */
function wireNames(notice: object): object {
  const names: Readonly<Record<string, string>> = { keyId: "key_id", name: "keyname" };
  return Object.fromEntries(Object.entries(notice).map(([name, value]) => [names[name] ?? name, value]));
}
