/** Why the server ends a stream: it stops, or the caller's token is not good any more. */
export type StreamEnd = "stopping" | "not_allowed";
