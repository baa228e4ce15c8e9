export const CONNECTIONS = 32;

export interface Load {
  readonly url: string;
  readonly seconds: number;
  /** A file with one JSON body per line, posted in turn; without one the URL is got. */
  readonly bodies?: string;
  /** Sent with every request. Default: none. */
  readonly token?: string;
}

export interface LoadResult {
  readonly answered: number;
  readonly perSecond: number;
  readonly p99Ms: number;
  /** Broken connections, time-outs and answers other than 2xx. */
  readonly errors: number;
}

export interface LoadTool {
  readonly name: string;
  run(load: Load): Promise<LoadResult>;
}
