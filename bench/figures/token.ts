import type { Figure } from "../bench.ts";
import { loadInTurn } from "../load/in-turn.ts";
import { closeDoor } from "../processes/close-door.ts";
import { HAND_OUT, startPoolServer } from "../processes/pool-server.ts";
import { seedKeys } from "../seed.ts";

const KEYS = 1000;
const TOKENS = 10_000;

/** What it costs a hand-out to know who asks. */
export const token: Figure = async ({ tool, effort, scratchFile }) => {
  const [closedFile, openFile] = [scratchFile("closed.db"), scratchFile("open.db")];
  await Promise.all([seedKeys(closedFile, KEYS), seedKeys(openFile, KEYS)]);
  const first = await startPoolServer(closedFile);
  const token = await closeDoor(first.url, TOKENS).finally(() => first.stop());
  // Both have just begun: what it leaves behind to have made tokens is no part of what it costs to ask for them.
  const [closed, open] = await Promise.all([startPoolServer(closedFile), startPoolServer(openFile)]);
  try {
    // Both are sent it, so that both read as many bytes.
    const { ours, anchors } = await loadInTurn(
      tool,
      effort,
      { url: closed.url + HAND_OUT, token },
      { url: open.url + HAND_OUT, token },
    );
    return [
      {
        figure: "GET /keys/get with one of 10,000 tokens, against an open door",
        unit: "/s",
        measured: ours.perSecond,
        anchor: anchors.perSecond,
        errors: ours.errors + anchors.errors,
        demand: { on: "ratio", is: "≥", goal: 0.9 },
      },
    ];
  } finally {
    await Promise.all([closed.stop(), open.stop()]);
  }
};
