/** `akp_`, the id, `_`, 43 characters of chance and six that tell a typo. */
const TOKEN = /^akp_([0-9a-f]{12})_[\w-]{49}$/;

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const CHECKSUM_LENGTH = 6;
const POLYNOMIAL = 0xedb88320;

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ POLYNOMIAL : rest >>> 1;
  return rest;
});

/** The text that is shown once. `secret` is 32 random bytes as base64url. */
export function tokenText(id: string, secret: string): string {
  const text = `akp_${id}_${secret}`;
  return text + checksum(text);
}

/** The id in a token's text; undefined for what was never a token, such as one with a typo. */
export function idOfToken(text: string): string | undefined {
  const id = TOKEN.exec(text)?.[1];
  return id !== undefined && text.endsWith(checksum(text.slice(0, -CHECKSUM_LENGTH))) ? id : undefined;
}

/** CRC-32 in six base64url characters. */
function checksum(text: string): string {
  let crc = 0xffffffff;
  for (let at = 0; at < text.length; at++) {
    crc = (CRC_TABLE[(crc ^ text.charCodeAt(at)) & 0xff] as number) ^ (crc >>> 8);
  }
  let sum = (crc ^ 0xffffffff) >>> 0;
  let digits = "";
  for (let place = 0; place < CHECKSUM_LENGTH; place++) {
    digits = ALPHABET[sum & 63] + digits;
    sum >>>= 6;
  }
  return digits;
}
