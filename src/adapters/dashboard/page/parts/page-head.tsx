import type { ComponentChildren } from "preact";

interface PageHeadProps {
  readonly title: string;
  readonly lead?: string;
  readonly children?: ComponentChildren;
}

export function PageHead({ title, lead, children }: PageHeadProps) {
  return (
    <header class="page-head">
      <div>
        <h1>{title}</h1>
        {lead && <p class="muted">{lead}</p>}
      </div>
      {children && <div class="group">{children}</div>}
    </header>
  );
}
