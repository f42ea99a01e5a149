// The table is one stop for Tab and the row in use its only one: arrows up and down go from row to row, and Tab through the controls of a row.

import { attribute, button, put } from "./elements.js";
import { rowsShown } from "./reorder.js";
import { word } from "./words.js";

const ON_A_LINE = { handle: "slider", value: "value", back: "back" };
const IN_ITS_HEAD = { switch: "switchButton", grip: "grip", open: "opener", reading: "reading" };
const KINDS = [...Object.keys(ON_A_LINE), ...Object.keys(IN_ITS_HEAD)];

/** Only what belongs to the row in use is in the order of Tab; what is open below it belongs to it. */
export function drawRoving(ledger) {
  const shown = rowsShown(ledger);
  const known = shown.some(({ id }) => id === ledger.current) ? ledger.current : shown[0]?.id;
  ledger.current = known ?? "";
  for (const [id, { element }] of ledger.rows) keepInOrder(element, id === ledger.current);
  const { detail } = ledger.parts;
  if (detail) keepInOrder(detail, detail.dataset.detail === ledger.current);
}

function keepInOrder(element, inUse) {
  for (const control of element.querySelectorAll("button:not(.written), input, select, [data-handle]")) {
    attribute(control, "tabindex", inUse ? (control.matches("[data-handle]") ? 0 : null) : -1);
  }
}

/** The row that has the focus is the one in use, however it came there; what has the focus there is gone on with in other rows. */
export function useRow(ledger, target) {
  const id = target.closest("[data-row]")?.dataset.row ?? target.closest("[data-detail]")?.dataset.detail;
  if (!id) return;
  if (!ledger.going) ledger.sought = soughtBy(ledger, id, target);
  if (id === ledger.current) return;
  ledger.current = id;
  drawRoving(ledger);
}

function soughtBy(ledger, id, target) {
  const kind = KINDS.find((each) => each in target.dataset);
  const lane = lanesOf(ledger.rows.get(id), kind).find((each) => each.includes(target));
  return { kind, place: lane?.indexOf(target) ?? 0 };
}

/** To the same control of the row above or below; where it has none, to its name. Says whether the key was one of these. */
export function goByKey(ledger, event) {
  const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!by || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return false;
  if (!event.target.closest("[data-row]") || event.target.matches("input")) return false;
  event.preventDefault();
  const { kind, place } = ledger.sought;
  const lanes = rowsShown(ledger).flatMap(({ id }) => lanesOf(ledger.rows.get(id), kind));
  const lane = lanes[lanes.findIndex((each) => each.includes(event.target)) + by];
  if (lane) go(ledger, lane[Math.min(place, lane.length - 1)]);
  return true;
}

function go(ledger, control) {
  ledger.going = true;
  control.closest("[data-row]").scrollIntoView({ block: "nearest" });
  control.focus({ preventScroll: true });
  ledger.going = false;
}

/** The controls of a kind, line by line. */
function lanesOf(record, kind) {
  if (kind in ON_A_LINE) {
    const lines = record.lines.length ? record.lines : [record];
    const lanes = lines.map(({ scales }) => scales.flatMap(({ marks }) => marks.map((mark) => (mark[ON_A_LINE[kind]].hidden ? mark.value : mark[ON_A_LINE[kind]]))));
    const found = lanes.filter((lane) => lane.length);
    if (found.length) return found;
  }
  return [[record[IN_ITS_HEAD[kind]] ?? record.opener]];
}

/** The first thing Tab comes to leads past everything that is not a line. */
export function buildSkip() {
  return button("skip", { "data-act": "skip", "data-focus": "skip" });
}

export function drawSkip(ledger) {
  put(ledger.parts.skip, word(ledger.view, "skip"));
}

export function skip(ledger) {
  const record = ledger.rows.get(ledger.current);
  if (!record) return;
  const [lane] = lanesOf(record, "handle");
  lane[0].closest("[data-row]").scrollIntoView({ block: "nearest" });
  lane[0].focus({ preventScroll: true });
}
