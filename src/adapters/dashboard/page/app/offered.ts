import { effect, signal } from "@preact/signals";
import { ApiFailure, ask } from "./api.ts";
import { may, seesEverything, session } from "./session.ts";

/** Whether the server has an audit; one that is embedded need not. */
export const hasAudit = signal(true);

effect(() => {
  if (session.value.state !== "open" || !may("viewer") || !seesEverything()) return;
  ask("GET", "/audit", { query: { limit: 1 } }).then(
    () => {
      hasAudit.value = true;
    },
    (error: unknown) => {
      if (!(error instanceof ApiFailure)) throw error;
      // Any other failure is for the page to show.
      hasAudit.value = error.status !== 404;
    },
  );
});
