const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const BRACKET = 0x5b;
const BRACE = 0x7b;

/**
 * Whether a JSON text has more values than this, members and items at every depth counted; an empty array or
 * object may count twice. Told without parsing it: the text `{}` takes two bytes, and sixty once it is parsed.
 */
export function hasMoreValues(json: Uint8Array, most: number): boolean {
  let values = 1;
  let isInText = false;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (isInText) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) isInText = false;
    } else if (byte === QUOTE) isInText = true;
    else if (byte === COMMA || byte === BRACKET || byte === BRACE) values++;
  }
  return values > most;
}
