export interface SqlFault {
  /** In our own words, fit for everybody. */
  readonly reason: string;
  /** The driver's words, without values. They may name hosts, users and files: for the log only. */
  readonly detail?: string;
}
