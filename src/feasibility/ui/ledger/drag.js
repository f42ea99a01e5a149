// A line in the hand: pressed, moved, released. One update a frame, read from the table that is already here.

import { follow } from "./follow.js";
import { propose } from "./outbox.js";
import { nearest, restsAt, shownAt } from "./scale.js";
import { askForMissing } from "./tables.js";

const HOLD = 11; // px: pressed this near, a line is held where it was gripped and does not jump

/** A press on a scale; the whole scale takes it, the handle nearest to it moves. */
export function press(ledger, event, record) {
  if (event.button !== 0 || !event.isPrimary || ledger.hand?.by === "pointer") return;
  const axis = record.axis.getBoundingClientRect();
  const mark = choose(ledger, record, event.clientX, axis);
  if (!mark) return;
  event.preventDefault();
  if (ledger.hand) release(ledger);
  mark.slider.focus({ preventScroll: true });
  const at = shownAt(ledger, mark.handle);
  const line = axis.left + axis.width * mark.handle.places[at];
  const off = Math.abs(event.clientX - line) <= HOLD ? event.clientX - line : 0;
  ledger.hand = { by: "pointer", name: mark.handle.name, about: mark.about, at, value: mark.handle.values[at], pointer: event.pointerId, off, x: event.clientX, frame: 0, axis };
  ledger.root.setPointerCapture(event.pointerId);
  ledger.mark();
  step(ledger);
  askForMissing(ledger);
}

function choose(ledger, record, x, axis) {
  let found = null;
  let least = Infinity;
  for (const mark of record.marks) {
    if (mark.handle.disabled) continue;
    const off = x - (axis.left + axis.width * mark.handle.places[shownAt(ledger, mark.handle)]);
    // where two stand at one place, the upper one is taken to the right of it, the lower one to the left
    if (Math.abs(off) < least || (Math.abs(off) === least && off > 0)) [found, least] = [mark, Math.abs(off)];
  }
  return found;
}

export function drag(ledger, event) {
  const { hand } = ledger;
  if (hand?.by !== "pointer" || event.pointerId !== hand.pointer) return;
  hand.x = event.clientX;
  hand.frame ||= requestAnimationFrame(() => {
    hand.frame = 0;
    if (ledger.hand === hand) step(ledger);
  });
}

export function drop(ledger, event) {
  const { hand } = ledger;
  if (hand?.by !== "pointer" || event.pointerId !== hand.pointer) return;
  hand.x = event.clientX;
  step(ledger);
  release(ledger);
}

/** Back to where it was taken up, as if nothing had been. */
export function cancel(ledger) {
  const { hand } = ledger;
  if (!hand) return;
  letGo(ledger);
  follow(ledger, [hand.name]);
  ledger.mark();
}

/** Proposes where the handle is now; until Python answers it is shown there. */
export function release(ledger) {
  const { hand } = ledger;
  const mark = ledger.marks.get(hand.name)?.[0];
  letGo(ledger);
  if (mark && hand.at !== restsAt(ledger, mark.handle)) {
    propose(ledger, { kind: "value", name: hand.name, value: mark.handle.values[hand.at] });
  }
  follow(ledger, [hand.name]);
  ledger.mark();
}

/** After a new view: the hand keeps its value; a handle that is gone is let go without a word. */
export function keepHand(ledger) {
  const { hand } = ledger;
  if (!hand) return;
  const mark = ledger.marks.get(hand.name)?.[0];
  if (!mark || mark.handle.disabled) {
    letGo(ledger);
    return;
  }
  const at = mark.handle.values.indexOf(hand.value);
  hand.at = at < 0 ? Math.min(hand.at, mark.handle.values.length - 1) : at;
  hand.value = mark.handle.values[hand.at];
  if (hand.by === "pointer") hand.axis = markInHand(ledger).scale.axis.getBoundingClientRect();
}

/** Moves the handle in hand to one of its values. */
export function moveTo(ledger, at) {
  const { hand } = ledger;
  const mark = markInHand(ledger);
  if (!mark || at === hand.at) return;
  hand.at = at;
  hand.value = mark.handle.values[at];
  follow(ledger, [hand.name]);
}

function step(ledger) {
  const { hand } = ledger;
  const mark = markInHand(ledger);
  if (!mark || !hand.axis.width) return;
  const rest = Math.abs(hand.x - hand.off - (hand.axis.left + hand.axis.width * mark.handle.places[hand.at])) < 0.5;
  if (!rest) moveTo(ledger, nearest(ledger, mark, (hand.x - hand.off - hand.axis.left) / hand.axis.width));
}

/** The mark that was taken up, where several lines of a row have the same parameter. */
function markInHand(ledger) {
  const marks = ledger.marks.get(ledger.hand.name);
  return marks?.find((mark) => mark.slider.matches(":focus")) ?? marks?.[0];
}

function letGo(ledger) {
  const { hand } = ledger;
  ledger.hand = null;
  cancelAnimationFrame(hand.frame);
  clearTimeout(hand.timer);
  if (hand.by === "pointer" && ledger.root.hasPointerCapture(hand.pointer)) ledger.root.releasePointerCapture(hand.pointer);
}
