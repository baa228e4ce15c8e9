import { t } from "../text/text.ts";
import { connection } from "./live.ts";
import { openPages } from "./pages.ts";
import { Preferences } from "./preferences.tsx";
import { linkTo, route } from "./route.ts";
import { session, signOut } from "./session.ts";

export function SideBar() {
  const { nav, name } = t.value;
  const [here = ""] = route.value.path;
  return (
    <div class="side-bar">
      <a class="brand" href={linkTo("")}>
        <Mark />
        <span>{name}</span>
      </a>
      <nav aria-label={nav.label}>
        {openPages().map(({ path, title }) => (
          <a key={path} href={linkTo(path)} aria-current={path === here ? "page" : undefined}>
            {title()}
          </a>
        ))}
        <a href="/api/docs" target="_blank" rel="noreferrer">
          {nav.docs}
        </a>
      </nav>
      <div class="foot">
        <Connection />
        <Who />
        <Preferences />
      </div>
    </div>
  );
}

function Connection() {
  const { live, polling, liveHelp, pollingHelp } = t.value.app;
  const isLive = connection.value === "live";
  return (
    <span class={`connection ${connection.value}`} title={isLive ? liveHelp : pollingHelp}>
      {isLive ? live : polling}
    </span>
  );
}

function Who() {
  const now = session.value;
  const { openDoor, openDoorHelp, signedInAs, signOut: leave } = t.value.app;
  if (now.state !== "open") return null;
  if (now.self.id === null) return <span title={openDoorHelp}>{openDoor}</span>;
  return (
    <span class="who">
      <span>{signedInAs(now.self.name, now.self.role)}</span>
      <button type="button" class="link" onClick={signOut}>
        {leave}
      </button>
    </span>
  );
}

function Mark() {
  return (
    <svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true" class="mark">
      <rect width="32" height="32" rx="7" />
      <circle cx="12" cy="16" r="5" />
      <path d="M17 16h10M23 16v5" />
    </svg>
  );
}
