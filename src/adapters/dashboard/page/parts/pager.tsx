import { locale, t } from "../text/text.ts";
import { Button } from "./button.tsx";

interface PagerProps {
  readonly page: number;
  readonly limit: number;
  readonly total: number;
  readonly onPage: (page: number) => void;
}

export function Pager({ page, limit, total, onPage }: PagerProps) {
  if (total === 0) return null;
  const { range, previous, next, label } = t.value.pager;
  const last = Math.ceil(total / limit);
  const from = (page - 1) * limit + 1;
  return (
    <nav class="pager" aria-label={label}>
      <span class="muted number">
        {range(from, Math.min(total, page * limit), total.toLocaleString(locale.value))}
      </span>
      {last > 1 && (
        <span class="group">
          <Button disabled={page <= 1} onClick={() => onPage(page - 1)}>
            {previous}
          </Button>
          <Button disabled={page >= last} onClick={() => onPage(page + 1)}>
            {next}
          </Button>
        </span>
      )}
    </nav>
  );
}
