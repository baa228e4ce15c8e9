/** What nobody can guess. */
export interface Chance {
  /** So many bytes of it, as text without padding. */
  random(bytes: number, as: "hex" | "base64url"): string;
}
