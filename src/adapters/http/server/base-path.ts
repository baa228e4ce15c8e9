/** Every path of the API begins with it. */
export const BASE = "/api";
