/** Vouches for rows of a storage: whoever can only write to the storage cannot make a row that verifies. */
export interface Mac {
  /**
   * A text of 43 characters for these values. Their order, their number and their types count: `["ab", "c"]` is
   * not `["a", "bc"]`, and `null` is not `""`. Numbers are whole.
   */
  of(values: readonly (string | number | null)[]): string;

  /** Whether `mac` is the one of these values. Takes the same time wherever it differs. */
  verify(values: readonly (string | number | null)[], mac: string): boolean;
}
