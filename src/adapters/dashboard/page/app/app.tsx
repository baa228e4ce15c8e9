import { useEffect } from "preact/hooks";
import { Failure } from "../parts/failure.tsx";
import { PageHead } from "../parts/page-head.tsx";
import { Toasts } from "../parts/toasts.tsx";
import { t } from "../text/text.ts";
import { followEvents, listen } from "./live.ts";
import { pageAt, roleFor } from "./pages.ts";
import { route } from "./route.ts";
import { enter, may, session } from "./session.ts";
import { SideBar } from "./side-bar.tsx";
import { SignIn } from "./sign-in.tsx";

export function App() {
  const { state } = session.value;
  return (
    <>
      {state === "open" ? <Inside /> : <main class="gate">{gateFor()}</main>}
      <Toasts />
    </>
  );
}

function gateFor() {
  const now = session.value;
  if (now.state === "locked") return <SignIn refused={now.refused} />;
  if (now.state === "failed") return <Failure failure={now.failure} onRetry={() => void enter()} />;
  return <p class="muted">{t.value.app.loading}</p>;
}

function Inside() {
  useEffect(() => {
    const ending = new AbortController();
    followEvents(ending.signal);
    // A stream ends with its token; without one it has to be asked whether that still counts.
    const stop = listen(({ kind }) => {
      if (kind === "tick") void enter();
    });
    return () => {
      stop();
      ending.abort();
    };
  }, []);
  const { path } = route.value;
  const page = pageAt(path);
  useEffect(() => {
    document.title = `${page?.title() ?? t.value.app.notFound} · ${t.value.name}`;
  });
  return (
    <div class="frame">
      <button type="button" class="skip" onClick={() => document.getElementById("content")?.focus()}>
        {t.value.skip}
      </button>
      <SideBar />
      <main id="content" tabIndex={-1} key={path.join("/")}>
        {page ? <page.View /> : <NoPage path={path} />}
      </main>
    </div>
  );
}

function NoPage({ path }: { readonly path: readonly string[] }) {
  const { notFound, needs } = t.value.app;
  const role = roleFor(path);
  return <PageHead title={notFound} {...(role && !may(role) && { lead: needs(role) })} />;
}
