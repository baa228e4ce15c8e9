import type { KeyId } from "../../domain/index.ts";

/** The id behind a letter that counts its digits, so that Redis, which sorts bytes, sorts ids. */
export function memberName(id: KeyId): string {
  const digits = String(id);
  return String.fromCharCode(96 + digits.length) + digits;
}

export function parseMemberName(name: string): KeyId {
  return Number(name.slice(1));
}

/** JSON, because that keeps any text apart from any other and shows where it ends; nothing for no tag. */
export function tagText(tag: string | null): string {
  return tag === null ? "" : JSON.stringify(tag);
}
