/**
 * Not imported: whoever imports `node:http` has Node read each of its exports, three of which load all of `fetch`.
 * That is a twentieth of a start, and 3 MB of code.
 */
export const { createServer, METHODS, STATUS_CODES } = process.getBuiltinModule("node:http");
