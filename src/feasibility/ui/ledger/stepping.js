// A line moved by the keyboard: the numbers follow at once, the proposal waits until the keys rest. In a row, up and down are for going to another.

import { cancel, moveTo, release } from "./drag.js";
import { saySoon } from "./say.js";
import { nearest, shownAt } from "./scale.js";
import { askForMissing } from "./tables.js";

const REST = 350;
const STRIDE = 10;

export function handleKey(ledger, event, mark) {
  const { hand } = ledger;
  if (hand?.by === "pointer" || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key === "Enter") {
    if (hand) release(ledger);
    return;
  }
  if (event.key === "Escape") {
    if (hand) cancel(ledger);
    return;
  }
  const { handle } = mark;
  const from = shownAt(ledger, handle);
  const to = target(event.key, from, handle.values.length - 1);
  if (to === null) return;
  event.preventDefault();
  if (handle.disabled) return;
  if (!hand) ledger.hand = { by: "keys", name: handle.name, about: mark.about, at: from, value: handle.values[from], timer: 0 };
  // asked by its place, so that a line stops at its neighbour on the same axis
  const allowed = nearest(ledger, mark, handle.places[to]);
  moveTo(ledger, handle.places[allowed] === handle.places[to] ? to : allowed);
  ledger.mark();
  clearTimeout(ledger.hand.timer);
  ledger.hand.timer = setTimeout(() => release(ledger), REST);
  saySoon(ledger);
  askForMissing(ledger);
}

function target(key, from, last) {
  const to = { ArrowRight: from + 1, ArrowUp: from + 1, ArrowLeft: from - 1, ArrowDown: from - 1, PageUp: from + STRIDE, PageDown: from - STRIDE, Home: 0, End: last }[key];
  return to === undefined ? null : Math.min(Math.max(to, 0), last);
}

/** The focus leaves a handle that was stepped: what it shows is meant. */
export function leave(ledger, event) {
  ledger.focus = null;
  if (ledger.hand?.by === "keys" && event.target.dataset?.handle === ledger.hand.name && event.target.isConnected) release(ledger);
}
