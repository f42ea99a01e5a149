// Rows taken by their grip into another order, by pointer or by Alt and an arrow.

import { make } from "./elements.js";
import { propose } from "./outbox.js";

export function lift(ledger, event, grip) {
  if (event.button !== 0 || !event.isPrimary) return;
  event.preventDefault();
  grip.focus({ preventScroll: true });
  const rows = ledger.view.rows.map(({ id }) => {
    const { top, bottom } = ledger.rows.get(id).element.getBoundingClientRect();
    return { id, top, bottom };
  });
  ledger.lifted = { id: grip.dataset.grip, pointer: event.pointerId, from: event.clientY, rows, scrolled: ledger.parts.rows.scrollTop, to: -1, line: make("i", "drop-line") };
  ledger.root.setPointerCapture(event.pointerId);
}

export function liftedMove(ledger, event) {
  const { lifted, parts, root } = ledger;
  if (event.pointerId !== lifted.pointer) return;
  if (lifted.to < 0 && Math.abs(event.clientY - lifted.from) < 4) return;
  const y = event.clientY + parts.rows.scrollTop - lifted.scrolled;
  const after = lifted.rows.findIndex(({ top, bottom }) => y < (top + bottom) / 2);
  lifted.to = after < 0 ? lifted.rows.length : after;
  const edge = lifted.to < lifted.rows.length ? lifted.rows[lifted.to].top : lifted.rows.at(-1).bottom;
  if (!lifted.line.isConnected) {
    parts.overlay.append(lifted.line);
    root.classList.add("lifting");
    ledger.rows.get(lifted.id)?.element.classList.add("lifted");
  }
  lifted.line.style.transform = `translateY(${edge - (parts.rows.scrollTop - lifted.scrolled) - root.getBoundingClientRect().top - 1}px)`;
}

export function liftedDrop(ledger, event) {
  const { lifted } = ledger;
  if (event.pointerId !== lifted.pointer) return;
  const ids = lifted.rows.map(({ id }) => id);
  const from = ids.indexOf(lifted.id);
  liftCancel(ledger);
  if (lifted.to >= 0) proposeMove(ledger, from, lifted.to > from ? lifted.to - 1 : lifted.to);
}

export function liftCancel(ledger) {
  const { lifted, root } = ledger;
  ledger.lifted = null;
  lifted.line.remove();
  root.classList.remove("lifting");
  ledger.rows.get(lifted.id)?.element.classList.remove("lifted");
  if (root.hasPointerCapture(lifted.pointer)) root.releasePointerCapture(lifted.pointer);
}

export function moveByKey(ledger, event, id) {
  if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
  event.preventDefault();
  const from = ledger.view.rows.findIndex((row) => row.id === id);
  proposeMove(ledger, from, from + (event.key === "ArrowUp" ? -1 : 1));
}

function proposeMove(ledger, from, to) {
  const ids = ledger.view.rows.map(({ id }) => id);
  if (to < 0 || to >= ids.length || to === from || from < 0) return;
  ids.splice(to, 0, ...ids.splice(from, 1));
  propose(ledger, { kind: "order", ids });
  ledger.redraw();
}
