import { knownSetting } from "../../../../domain/index.ts";
import type { ConfigEntry } from "../app/answers.ts";
import { ask } from "../app/api.ts";
import { may, seesEverything } from "../app/session.ts";
import { useData } from "../app/use-data.ts";
import { Failure } from "../parts/failure.tsx";
import { PageHead } from "../parts/page-head.tsx";
import { groupedSettings } from "../text/settings.ts";
import { t } from "../text/text.ts";
import { SettingRow } from "./setting-row.tsx";

export function SettingsPage() {
  const { settings, app } = t.value;
  const { data, failure, reload } = useData("settings", ["setting"], (signal) =>
    ask<readonly ConfigEntry[]>("GET", "/config", { signal }),
  );
  const values = new Map(data?.map(({ config_key, config_value }) => [config_key, config_value]));
  const others = data?.filter(({ config_key }) => !knownSetting(config_key)) ?? [];
  return (
    <>
      <PageHead title={settings.title} lead={settings.lead} />
      <div class="stack">
        {failure && <Failure failure={failure} onRetry={reload} />}
        {!may("admin") && <div class="notice">{app.needs("admin")}</div>}
        {may("admin") && !seesEverything() && <div class="notice">{app.needsNoScope}</div>}
        {data &&
          [...groupedSettings()].map(([group, names]) => (
            <section key={group} class="card flush" aria-label={settings.groups[group]}>
              <h2>{settings.groups[group]}</h2>
              {names.map((name) => (
                <SettingRow key={name} name={name} values={values} onSaved={reload} />
              ))}
            </section>
          ))}
        {others.length > 0 && <Others entries={others} />}
      </div>
    </>
  );
}

function Others({ entries }: { readonly entries: readonly ConfigEntry[] }) {
  const { settings } = t.value;
  return (
    <section class="card" aria-label={settings.groups.other}>
      <h2>{settings.groups.other}</h2>
      <p class="muted">{settings.otherHelp}</p>
      <dl class="facts">
        {entries.map(({ config_key, config_value }) => (
          <div key={config_key}>
            <dt class="muted">{config_key}</dt>
            <dd>{config_value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
