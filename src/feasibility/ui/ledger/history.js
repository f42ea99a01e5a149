// Undo and redo by the keys everybody knows, wherever the focus is on the page. They queue behind what was proposed before them.

import { release } from "./drag.js";
import { propose } from "./outbox.js";

const TYPED_IN = "input:not([type=checkbox], [type=radio], [type=range]), textarea, select";
let presses = 0;

export function historyKey(ledger, event) {
  const to = asked(event);
  if (!to || event.defaultPrevented || isTyping(event)) return;
  event.preventDefault();
  if (ledger.hand?.by === "pointer" || ledger.lifted) return; // in the hand: Escape takes it back
  if (ledger.hand) release(ledger);
  presses += 1;
  propose(ledger, { kind: "history", to, press: presses });
  ledger.redraw();
}

function asked({ key, ctrlKey, metaKey, altKey, shiftKey }) {
  if (altKey || ctrlKey === metaKey) return "";
  const pressed = key.toLowerCase();
  if (pressed === "z") return shiftKey ? "forward" : "back";
  return pressed === "y" && ctrlKey && !shiftKey ? "forward" : "";
}

/** A field has an undo of its own. */
function isTyping(event) {
  const [target] = event.composedPath();
  return target instanceof HTMLElement && (target.isContentEditable || target.matches(TYPED_IN));
}
