/** What the edge itself refuses or cannot do; the rest of the codes are the domain's. */
export type RefusalCode = "not_found" | "method_not_allowed" | "payload_too_large" | "unsupported_media_type";

/** A request that does not get as far as a use case. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: RefusalCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: RefusalCode, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.code = code;
    this.headers = headers;
  }
}
