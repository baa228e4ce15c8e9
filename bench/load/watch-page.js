// Runs in the browser before the page's own scripts, and keeps what it sees in `firstView`, in ms since the navigation.
const firstView = { longTasksMs: 0, longestTaskMs: 0 };
const noted = {};
for (const name of ["numbersMs", "answeredMs", "rowsMs"]) noted[name] = Promise.withResolvers();
globalThis.firstView = firstView;
/** Resolves when it has been seen. */
globalThis.seen = (name) => noted[name].promise;

new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) {
    firstView.longTasksMs += duration;
    firstView.longestTaskMs = Math.max(firstView.longestTaskMs, duration);
  }
}).observe({ type: "longtask", buffered: true });
new PerformanceObserver((list) => {
  for (const { name, startTime } of list.getEntries())
    if (name === "first-contentful-paint") firstView.paintedMs = startTime;
}).observe({ type: "paint", buffered: true });

/** Notes when what is in the document is on the screen, too: after the frame that it is drawn in. */
function note(name) {
  firstView[name] = 0;
  requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      firstView[name] = performance.now();
      noted[name].resolve();
    };
    port2.postMessage(undefined);
  });
}

new MutationObserver(() => {
  if (firstView.numbersMs === undefined && document.querySelector("td.amount")) note("numbersMs");
  if (firstView.clickedMs !== undefined && firstView.rowsMs === undefined) {
    if (document.querySelectorAll("tbody td input[type=checkbox]").length >= 50) note("rowsMs");
  }
}).observe(document, { childList: true, subtree: true });

addEventListener("focusin", () => {
  if (firstView.numbersMs && firstView.answeredMs === undefined) note("answeredMs");
});
addEventListener(
  "click",
  ({ timeStamp }) => {
    firstView.clickedMs ??= timeStamp;
  },
  true,
);
