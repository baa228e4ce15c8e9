/** What a token may be used for, from those who take keys up to those who rule. */
export const ROLES = ["client", "viewer", "operator", "admin"] as const;

export type Role = (typeof ROLES)[number];

/** Whose rights a role has. A client is apart: who looks after keys need not be able to take them. */
const INCLUDES: Readonly<Record<Role, readonly Role[]>> = {
  client: ["client"],
  viewer: ["viewer"],
  operator: ["viewer", "operator"],
  admin: ROLES,
};

/** Whether `role` may do what is open to `needed`. */
export function mayActAs(role: Role, needed: Role): boolean {
  return INCLUDES[role].includes(needed);
}
