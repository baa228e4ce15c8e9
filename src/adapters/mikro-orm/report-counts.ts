import { REPORT_ACTIONS, type ReportClass, type ReportCount, type ReportQuery } from "../../domain/index.ts";
import { IS_NOT_TRANSLATION } from "./log-row.ts";
import { placeholders, type Row, type SqlValue, type Statement } from "./sql-database.ts";

const ACTIONS = REPORT_ACTIONS.map((action) => `'${action}'`).join(", ");

// As `reportClassOf` has it.
const CLASS = `case when status_code between 200 and 299 then '2xx'
  when status_code in (401, 403, 404, 429) then cast(status_code as text) else 'other' end`;

/** Each service is a range of one index; what concerns no service is no report, so it is not asked for. */
export function countReportsSql(query: ReportQuery): Statement {
  const { services, keyId, regions, tags, from, to, bucketMs } = query;
  const terms = ["created_at >= ?", "created_at <= ?", `action in (${ACTIONS})`, "status_code is not null"];
  const bound: SqlValue[] = [from, to];
  if (keyId !== undefined) {
    terms.push("key_id = ?");
    bound.push(keyId);
  }
  if (regions !== undefined) {
    terms.push(`region in (${placeholders(regions.length)})`);
    bound.push(...regions);
  }
  if (tags !== undefined) {
    terms.push(`key_id in (select id from keys where tag in (${placeholders(tags.length)}))`);
    bound.push(...tags);
  }
  // The index has all that is asked about a key; the region is in the row alone.
  const region = keyId === undefined ? "region" : "cast(null as text)";
  const ranges = [...new Set(services)].map(
    (service) => `select created_at - created_at % ? as at, ${region} as region, ${CLASS} as class
      from logs where ${IS_NOT_TRANSLATION} = ${service !== "translation"} and ${terms.join(" and ")}`,
  );
  return {
    sql: `select at, region, class, count(*) as total from (${ranges.join(" union all ")}) as reports
      group by at, region, class`,
    values: ranges.flatMap(() => [bucketMs, ...bound]),
  };
}

export function toReportCount({ at, region, class: name, total }: Row): ReportCount {
  return {
    at: at as number,
    region: region as string | null,
    reportClass: name as ReportClass,
    total: total as number,
  };
}
