// Runs in browsers, as it stands: searching the documentation, links into it, and trying what it tells of.

const operations = [...document.querySelectorAll("details.operation")];
const entries = [...operations, ...document.querySelectorAll("article")];
const forms = document.querySelectorAll("form.try");
const tools = document.querySelector("form.tools");
const search = document.getElementById("search");
const token = document.getElementById("token");
const appearance = document.getElementById("appearance");

/** A store of the browser's, or one that forgets where the browser allows none. */
function stored(kind, name) {
  try {
    const store = window[kind];
    store.getItem(name);
    return {
      read: () => store.getItem(name),
      keep: (text) => (text === "" ? store.removeItem(name) : store.setItem(name, text)),
    };
  } catch {
    return { read: () => null, keep: () => {} };
  }
}

// The names are the dashboard's: a token that was typed there need not be typed again.
const keptToken = stored("sessionStorage", "azure-key-pool.token");
const keptAppearance = stored("localStorage", "azure-key-pool.appearance");

function textOf(entry) {
  const description = entry.querySelector("p")?.textContent ?? "";
  const title = entry.querySelector("summary, h3")?.textContent ?? "";
  return `${entry.id} ${title} ${description}`.toLowerCase();
}

const texts = new Map(entries.map((entry) => [entry, textOf(entry)]));

function find() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const entry of entries) entry.hidden = !words.every((word) => texts.get(entry).includes(word));
  for (const section of document.querySelectorAll("section")) {
    section.hidden = !section.querySelector("details.operation:not([hidden]), article:not([hidden])");
  }
  const found = operations.filter(({ hidden }) => !hidden).length;
  document.getElementById("found").textContent =
    words.length === 0 ? "" : `${found} of ${operations.length} operations`;
}

/** Opens what the address points to. */
function followLink() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  if (target.closest("[hidden]")) {
    search.value = "";
    find();
  }

  if (target.matches("details")) target.open = true;
  target.scrollIntoView();
}

function requestOf(form) {
  const { method, target } = form.dataset;
  let path = target;
  const query = new URLSearchParams();
  for (const { name, value, dataset } of form.querySelectorAll("input")) {
    if (dataset.in === "path") path = path.replace(`{${name}}`, encodeURIComponent(value));
    else if (value !== "") query.set(name, value);
  }
  const url = new URL(path, location.href);
  url.search = query;
  return { method, url: url.href, body: form.elements.body?.value.trim() };
}

function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The token itself is left out: commands are kept in histories and shown to others. */
function curlOf({ method, url, body }) {
  const parts = [`curl ${method === "HEAD" ? "--head" : `-X ${method}`} ${quoted(url)}`];
  if (token.value !== "") parts.push('-H "Authorization: Bearer $AZURE_KEY_POOL_TOKEN"');
  if (body !== undefined) parts.push("-H 'Content-Type: application/json'", `-d ${quoted(body)}`);
  return parts.join(" \\\n  ");
}

function showCurl(form) {
  form.querySelector(".curl").textContent = curlOf(requestOf(form));
}

async function copyCurl(form) {
  const shown = form.querySelector(".curl");
  let isCopied = true;
  try {
    await navigator.clipboard.writeText(shown.textContent);
  } catch {
    // Without TLS there is no clipboard but for what is selected.
    getSelection().selectAllChildren(shown);
    isCopied = document.execCommand("copy");
  }
  form.querySelector(".copied").textContent = isCopied ? "Copied" : "Press Ctrl+C to copy";
}

/** As much of an answer as is shown: a stream need not end. */
const MOST_SHOWN = 200_000;

async function send(form) {
  const { method, url, body } = requestOf(form);
  const [heading, shown] = form.querySelector(".outcome").children;
  const stop = form.querySelector(".stop");
  const button = form.querySelector("[type=submit]");
  const stopping = new AbortController();
  const headers = {
    Accept: "application/json, */*",
    ...(method !== "GET" && method !== "HEAD" && { "Content-Type": "application/json" }),
    ...(token.value !== "" && { Authorization: `Bearer ${token.value}` }),
  };
  heading.textContent = "Waiting";
  shown.textContent = "";
  heading.parentElement.hidden = false;
  stop.hidden = false;
  stop.onclick = () => stopping.abort();
  button.disabled = true;
  try {
    const answer = await fetch(url, { method, headers, body, signal: stopping.signal });
    heading.textContent = `${answer.status} ${answer.statusText}`;
    await show(answer, shown);
  } catch (error) {
    heading.textContent += ` (${stopping.signal.aborted ? "stopped" : error.message})`;
  } finally {
    stop.hidden = true;
    button.disabled = false;
  }
}

async function show(answer, shown) {
  let text = "";
  const chunks = answer.body?.pipeThrough(new TextDecoderStream()) ?? [];
  for await (const chunk of readable(chunks)) {
    text += chunk;
    shown.textContent = text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
    if (text.length > MOST_SHOWN) return;
  }
  const isJson = answer.headers.get("Content-Type")?.includes("json");
  if (isJson && text !== "") shown.textContent = JSON.stringify(JSON.parse(text), null, 2);
}

/** Not every browser can iterate a stream. */
async function* readable(stream) {
  if (!stream.getReader) return;
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel();
  }
}

function showAppearance() {
  document.documentElement.dataset.appearance = appearance.value;
}

token.value = keptToken.read() ?? "";
appearance.value = keptAppearance.read() ?? "auto";
if (appearance.value === "") appearance.value = "auto";
showAppearance();

for (const form of forms) {
  form.hidden = false;
  showCurl(form);
  form.addEventListener("input", () => showCurl(form));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form);
  });
  form.querySelector(".copy").addEventListener("click", () => copyCurl(form));
}
for (const operation of operations) {
  operation.addEventListener("toggle", () => {
    if (operation.open) history.replaceState(null, "", `#${operation.id}`);
  });
}
search.addEventListener("input", find);
token.addEventListener("input", () => {
  keptToken.keep(token.value.trim());
  for (const form of forms) showCurl(form);
});
appearance.addEventListener("change", () => {
  keptAppearance.keep(appearance.value);
  showAppearance();
});
addEventListener("hashchange", followLink);
addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.matches("input, textarea, select")) return;
  event.preventDefault();
  search.focus();
});
tools.addEventListener("submit", (event) => event.preventDefault());
tools.hidden = false;
followLink();
