/**
 * - `no_master_key`: none was given, or its file is gone.
 * - `wrong_master_key`: what was given is another key than the one that the database was sealed with.
 * - `unsafe_key_file`: others can read or exchange the file, or it would be kept with the database.
 * - `bad_key_file`: it cannot be read or made, or holds no key.
 * - `unknown_version`: sealed by a newer version of this program.
 */
export type SealingErrorCode =
  | "no_master_key"
  | "wrong_master_key"
  | "unsafe_key_file"
  | "bad_key_file"
  | "unknown_version";

/** Secrets can be neither read nor stored. The message is one line for people, says what to do and holds no key. */
export class SealingError extends Error {
  override readonly name = "SealingError";
  readonly code: SealingErrorCode;

  constructor(code: SealingErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
