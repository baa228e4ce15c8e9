import type { ProbeKind } from "../../application/index.ts";
import type { EventKind, KeyId, KeyOrder, KeyStatus, LogAction, Service } from "../../domain/index.ts";

export interface PoolChoice {
  readonly service: Service;
  /** Default: the service's own, `eastasia` or `global`. */
  readonly region?: string;
  /** Only keys that bear it. */
  readonly tag?: string;
}

export interface Report {
  /** The secret, as it was handed out. */
  readonly key: string;
  /** The HTTP status that Azure gave, 100 to 599. */
  readonly code: number;
  readonly note?: string;
  /** What Azure sent as `Retry-After`: seconds, or an HTTP date. A cooldown that begins with this report ends then. */
  readonly retry_after?: string | number;
}

export interface LeaseRequest extends PoolChoice {
  /** How long the key is held unless it is renewed or given back, 1 to 3600. Default 60. */
  readonly ttl_seconds?: number;
  /** How long to wait in turn while all keys are at their limit, up to 30,000. Default 0. */
  readonly wait_ms?: number;
}

/** What became of a key that was leased. Without a code nothing is said of it. */
export type LeaseReport = Partial<Omit<Report, "key">>;

export interface KeyFields {
  readonly region?: string;
  readonly keyname?: string;
  /** Null takes the tag away. */
  readonly tag?: string | null;
  /** How many leases of it may run at a time, 1 to 10,000; null takes the limit away. */
  readonly max_in_flight?: number | null;
}

export interface KeyFilter {
  readonly status?: KeyStatus;
  readonly region?: string;
  readonly tag?: string;
}

export interface KeySearch {
  /** A part of name, region or tag. */
  readonly q?: string;
  /** What to sort by, with `-` the last first. Default `id`. */
  readonly sort?: KeyOrder | `-${KeyOrder}`;
}

export interface PageChoice {
  /** Default 1. */
  readonly page?: number;
  /** Rows of a page, 1 to 1000. Default 50. */
  readonly limit?: number;
}

export interface LogFilter extends PageChoice {
  readonly key_id?: KeyId;
  readonly action?: LogAction;
  readonly status_code?: number;
  /** ISO 8601, or epoch milliseconds. */
  readonly from?: string | number;
  readonly to?: string | number;
}

export interface ReportFilter {
  /** Default: both. */
  readonly service?: Service;
  readonly region?: string;
  readonly key_id?: KeyId;
  /** ISO 8601, or epoch milliseconds. Default: a day before `to`; at most 31 days before it. */
  readonly from?: string | number;
  /** Default: now. */
  readonly to?: string | number;
  /** Default 3600. At most 200 buckets. */
  readonly bucket_seconds?: number;
}

export interface ConfigChange {
  readonly config_key: string;
  readonly config_value: string | number;
  readonly description?: string;
}

/** What Azure is asked about a key: to speak a text, to hear a sound, or to translate a text. */
export type KeyTestKind = ProbeKind;

export interface KeyTest {
  /** The secret. */
  readonly key: string;
  /** Default: the service's own, `eastasia` or `global`. */
  readonly region?: string;
  /** What is spoken or translated. */
  readonly text?: string;
  /** Languages of a translation. */
  readonly from?: string;
  readonly to?: string;
}

export interface ImportRow {
  /** The secret. */
  readonly key: string;
  readonly region: string;
  readonly keyname?: string;
  readonly tag?: string | null;
  readonly status?: "enabled" | "disabled";
  /** Null for no limit. */
  readonly max_in_flight?: number | null;
}

export interface EventChoice {
  /** Of events about keys only those of this service, and region. */
  readonly service?: Service;
  readonly region?: string;
  /** Default: all. */
  readonly kinds?: readonly EventKind[];
  /** The id of the last event that was seen: it goes on behind that. Default: from now on. */
  readonly lastEventId?: string;
  /** Called whenever the connection has been made: what happens from then on is told, so read then what you show. */
  readonly onOpen?: () => void;
  /** Ends it. */
  readonly signal?: AbortSignal;
}

/** Many keys as a text: CSV whose first line names its columns, or one key a line. */
export interface ImportText {
  readonly media: "text/csv" | "text/plain";
  readonly content: string;
  /** Of the keys whose line names none. */
  readonly region?: string;
}
