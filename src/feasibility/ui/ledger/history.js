// Undo and redo by the keys everybody knows, wherever the focus is on the page. They queue behind what was proposed before them.

import { release } from "./drag.js";
import { historyAsked } from "./keys.js";
import { propose } from "./outbox.js";

let presses = 0;

export function historyKey(ledger, event) {
  const to = historyAsked(event);
  if (!to) return;
  event.preventDefault();
  if (ledger.hand?.by === "pointer" || ledger.lifted) return; // in the hand: Escape takes it back
  if (ledger.hand) release(ledger);
  presses += 1;
  propose(ledger, { kind: "history", to, press: presses });
  ledger.redraw();
}
