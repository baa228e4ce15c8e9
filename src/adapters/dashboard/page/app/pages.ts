import type { FunctionComponent } from "preact";
import type { Role } from "../../../../domain/index.ts";
import { AuditPage } from "../audit/audit-page.tsx";
import { ImportPage } from "../import/import-page.tsx";
import { KeyPage } from "../key/key-page.tsx";
import { KeysPage } from "../keys/keys-page.tsx";
import { LogsPage } from "../logs/logs-page.tsx";
import { OverviewPage } from "../overview/overview-page.tsx";
import { SettingsPage } from "../settings/settings-page.tsx";
import { t } from "../text/text.ts";
import { TokensPage } from "../tokens/tokens-page.tsx";
import { TryPage } from "../try/try-page.tsx";
import { hasAudit } from "./offered.ts";
import { may, seesEverything } from "./session.ts";

export interface Page {
  readonly path: string;
  readonly role: Role;
  /** Whether it is about more than keys, so that a token with a scope sees nothing of it. */
  readonly isGlobal?: boolean;
  /** Whether the server has what it is about. Default: it has. */
  readonly isOffered?: () => boolean;
  readonly title: () => string;
  readonly View: FunctionComponent;
}

const PAGES: readonly Page[] = [
  { path: "", role: "viewer", title: () => t.value.nav.overview, View: OverviewPage },
  { path: "keys", role: "viewer", title: () => t.value.nav.keys, View: KeysPage },
  { path: "logs", role: "viewer", title: () => t.value.nav.logs, View: LogsPage },
  {
    ...{ path: "audit", role: "viewer", isGlobal: true, isOffered: () => hasAudit.value },
    ...{ title: () => t.value.nav.audit, View: AuditPage },
  },
  { path: "import", role: "operator", title: () => t.value.nav.import, View: ImportPage },
  { path: "settings", role: "operator", title: () => t.value.nav.settings, View: SettingsPage },
  { path: "tokens", role: "admin", isGlobal: true, title: () => t.value.nav.tokens, View: TokensPage },
  { path: "try", role: "client", title: () => t.value.nav.try, View: TryPage },
];

const KEY: Page = { path: "keys", role: "viewer", title: () => t.value.story.title, View: KeyPage };

/** The pages that are open to who uses this one. */
export function openPages(): readonly Page[] {
  return PAGES.filter(
    ({ role, isGlobal, isOffered }) =>
      may(role) && (!isGlobal || seesEverything()) && (isOffered?.() ?? true),
  );
}

/** Whose the page is that somebody may not see; undefined for one that is none. */
export function roleFor([first]: readonly string[]): Role | undefined {
  return PAGES.find(({ path }) => path === first)?.role;
}

/** Who may not see the start page begins at the first that he may. */
export function pageAt([first = "", service, id]: readonly string[]): Page | undefined {
  const open = openPages();
  if (first === "keys" && service !== undefined && id !== undefined) return may(KEY.role) ? KEY : undefined;
  return open.find(({ path }) => path === first) ?? (first === "" ? open[0] : undefined);
}
