import type { ApiError } from "./api-error.ts";

/** Whether the server surely did nothing of what was asked, so that even what may not be done twice may be asked again. */
export function isNotTakenIn({ code, httpStatus, cause }: ApiError): boolean {
  // A proxy says 503 also when it had passed on what was asked, and lost the answer.
  const isPoolsOwn = httpStatus === 503 && code !== "unexpected_answer";
  return isPoolsOwn || (code === "unreachable" && wasNeverConnected(cause));
}

/** Browsers do not say so much of a failure. */
function wasNeverConnected(fault: unknown): boolean {
  if (typeof fault !== "object" || fault === null) return false;
  // One for each address of a host.
  if (fault instanceof AggregateError) return fault.errors.every(wasNeverConnected);
  const { syscall, code, cause } = fault as Readonly<Record<"syscall" | "code" | "cause", unknown>>;
  const isConnecting = syscall === "connect" || syscall === "getaddrinfo";
  return isConnecting || code === "UND_ERR_CONNECT_TIMEOUT" || wasNeverConnected(cause);
}
