/** What keys can be listed by; ties by id. Never used comes first. */
export const KEY_ORDERS = ["id", "name", "region", "last_used", "usage_count", "error_count"] as const;

export type KeyOrder = (typeof KEY_ORDERS)[number];

export interface KeySort {
  readonly by: KeyOrder;
  readonly descending: boolean;
}
