import type { ApiFailure } from "../app/api.ts";
import { t } from "../text/text.ts";
import { Button } from "./button.tsx";

interface FailureProps {
  readonly failure: ApiFailure;
  readonly onRetry?: () => void;
}

export function Failure({ failure, onRetry }: FailureProps) {
  return (
    <div class="notice bad" role="alert">
      <span>{wordsFor(failure)}</span>
      {onRetry && <Button onClick={onRetry}>{t.value.app.retry}</Button>}
    </div>
  );
}

/** The server's own words, which are for people. */
export function wordsFor({ status, message }: ApiFailure): string {
  const { unreachable, refused } = t.value.failures;
  return status === 0 ? unreachable : refused(message);
}
