// Rows taken by their grip into another order, by pointer or by Alt and an arrow.

import { make } from "./elements.js";
import { propose, unanswered } from "./outbox.js";

/** The rows as they are shown: in an order made by hand at once, before Python has answered it. */
export function rowsShown(ledger) {
  const { rows } = ledger.view;
  const ids = orderAsked(ledger);
  if (!ids) return rows;
  const place = new Map(ids.map((id, index) => [id, index]));
  return rows.toSorted((left, right) => (place.get(left.id) ?? Infinity) - (place.get(right.id) ?? Infinity) || 0);
}

/** The order made by hand that is not answered yet. */
export function orderAsked(ledger) {
  return unanswered(ledger, ({ kind }) => kind === "order")?.ids;
}

export function lift(ledger, event, grip) {
  if (event.button !== 0 || !event.isPrimary) return;
  event.preventDefault();
  grip.focus({ preventScroll: true });
  const rows = rowsShown(ledger).map(({ id }) => {
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
  liftCancel(ledger);
  if (lifted.to >= 0) proposeMove(ledger, lifted.id, lifted.rows[lifted.to]?.id);
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
  const ids = rowsShown(ledger).map((row) => row.id);
  const from = ids.indexOf(id);
  if (event.key === "ArrowUp" ? from > 0 : from < ids.length - 1) proposeMove(ledger, id, ids[event.key === "ArrowUp" ? from - 1 : from + 2]);
}

/** Proposes a row's place above another, or as the last where there is none. */
function proposeMove(ledger, id, above) {
  const before = rowsShown(ledger).map((row) => row.id);
  if (id === above || !before.includes(id)) return;
  const ids = before.filter((each) => each !== id);
  const to = ids.indexOf(above);
  ids.splice(to < 0 ? ids.length : to, 0, id);
  if (ids.every((each, index) => each === before[index])) return;
  propose(ledger, { kind: "order", ids });
  ledger.redraw();
}
