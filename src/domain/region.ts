import { invalid } from "./errors.ts";
import { refuseSecretLike } from "./secret.ts";

// The region becomes part of a host name, so nothing passes that could end, extend or redirect one.
const REGION = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])$/;

/** Lower-cases and checks an Azure region: 2 to 40 letters, digits and inner hyphens. Throws `invalid_request`. */
export function parseRegion(value: string): string {
  const region = value.toLowerCase();
  if (!REGION.test(region)) {
    throw invalid({ field: "region", message: "must be 2 to 40 letters, digits or inner hyphens" });
  }
  // It would be shown everywhere, and sent to a name server.
  refuseSecretLike("region", region);
  return region;
}
