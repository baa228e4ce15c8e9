import type {
  DocumentedContent,
  DocumentedOperation,
  DocumentedParameter,
  DocumentedResponse,
} from "./documented-operation.ts";
import { escaped, paragraphs } from "./html.ts";
import type { Linked } from "./schema-links.ts";
import { notation, remarkOn } from "./schema-notation.ts";

const JSON_TYPE = "application/json";

/** What there is to know of one operation, and a form to try it. */
export function operationArticle(operation: DocumentedOperation, linked: Linked): string {
  const { operationId, method, path, summary, description, parameters, requestBody, responses } = operation;
  const { [JSON_TYPE]: body, ...texts } = requestBody?.content ?? {};
  const parts = [
    paragraphs(description),
    `<p class="role">${WHO[operation["x-role"]] ?? `For the role ${escaped(operation["x-role"])}.`}</p>`,
    parameters.length > 0 ? parameterTable(parameters) : "",
    body ? `<h4>Body</h4><pre>${linked(notation(body.schema))}</pre>${example(body)}` : "",
    ...Object.entries(texts).map(
      ([media, text]) =>
        `<h4>Or as ${escaped(media)}</h4>${paragraphs(String(text.schema.description))}${example(text)}`,
    ),
    form(operation, body),
    `<h4>Answers</h4>${Object.entries(responses)
      .map(([status, one]) => answer(status, one, linked))
      .join("")}`,
  ];
  return `<details class="operation" id="${operationId}"><summary><b class="${method.toLowerCase()}">${method}</b>
<code>${escaped(path)}</code><span>${escaped(summary)}</span></summary><div>${parts.join("\n")}</div></details>`;
}

const WHO: Readonly<Record<string, string>> = {
  anyone: "For anyone; no token is needed.",
  "any role": "For who has a token of any role.",
};

function parameterTable(parameters: readonly DocumentedParameter[]): string {
  const rows = parameters.map(({ name, in: place, description, schema, example }) => {
    const remark = description ?? remarkOn(schema);
    return `<tr><td><code>${escaped(name)}</code></td><td>${place}</td><td>${escaped(notation(schema))}</td>
<td><code>${escaped(String(example))}</code></td><td>${escaped(remark)}</td></tr>`;
  });
  const heads = ["Name", "In", "Type", "Example", ""].map((head) => `<th scope="col">${head}</th>`);
  return `<h4>Parameters</h4><table><thead><tr>${heads.join("")}</tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

function answer(
  status: string,
  { description, headers, content }: DocumentedResponse,
  linked: Linked,
): string {
  const told = Object.entries(headers ?? {}).map(
    ([name, header]) => `<p><code>${escaped(name)}</code> ${escaped(header.description)}</p>`,
  );
  const heading = `<b class="s${status[0]}">${status}</b> ${escaped(description)}`;
  // Where there is a page besides, the page needs no words.
  const shown = content?.[JSON_TYPE] ?? Object.values(content ?? {})[0];
  if (!shown) return `<p>${heading}</p>${told.join("")}`;
  return `<details class="answer"><summary>${heading}</summary>${told.join("")}<pre>${linked(notation(shown.schema))}</pre>
${example(shown)}</details>`;
}

function example({ example }: DocumentedContent): string {
  return `<h5>Example</h5><pre>${escaped(asText(example))}</pre>`;
}

function asText(example: unknown): string {
  return typeof example === "string" ? example : JSON.stringify(example, null, 2);
}

/** Of use with the script only, which shows it and takes what is in it for a request. */
function form(
  { method, target, parameters, summary }: DocumentedOperation,
  body?: DocumentedContent,
): string {
  const fields = parameters.map(({ name, in: place, example }) => {
    const [value, required] =
      place === "path" ? [` value="${escaped(String(example))}"`, " required"] : ["", ""];
    return `<label>${escaped(name)} <input name="${escaped(name)}" data-in="${place}"${value}${required}
placeholder="${escaped(String(example))}" autocomplete="off" spellcheck="false"></label>`;
  });
  if (body)
    fields.push(`<label class="wide">Body <textarea name="body" rows="6" spellcheck="false">${escaped(asText(body.example))}
</textarea></label>`);
  return `<form class="try" hidden data-method="${method}" data-target="${escaped(target)}" aria-label="Try: ${escaped(summary)}">
<h4>Try it</h4>${fields.join("")}<pre class="curl"></pre><p class="buttons"><button type="submit">Send</button>
<button type="button" class="stop" hidden>Stop</button><button type="button" class="copy">Copy as curl</button>
<span class="copied" role="status"></span></p><div class="outcome" role="status" hidden><p></p><pre tabindex="0"></pre></div></form>`;
}
