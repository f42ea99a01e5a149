// The count tables, kept as long as the handle they were made for says that they hold, and the questions for those missing.

import { attribute } from "./elements.js";
import { ask, waitsForAnswer } from "./outbox.js";

const HOVER = 60; // a pointer that only passes by asks for nothing
const AGAIN = 1500;
const TRIES = 3;

/** Takes in the tables and reading counts of a view. */
export function takeTables(ledger, view, before) {
  if (view.cohort !== before?.cohort) {
    ledger.tables.clear();
    ledger.readings.clear();
    ledger.tries.clear();
  }
  for (const [name, table] of Object.entries(view.tables ?? {})) {
    const place = new Map(table.order.map((id, index) => [id, index]));
    ledger.tables.set(name, { ...table, place, n: table.order.length });
  }
  for (const [id, counts] of Object.entries(view.readings ?? {})) ledger.readings.set(id, counts);
}

export function tableOf(ledger, handle) {
  const table = handle && handle.key ? ledger.tables.get(handle.name) : undefined;
  return table && table.key === handle.key ? table : null;
}

export function readingCounts(ledger, row) {
  const counts = ledger.readings.get(row.id);
  return counts && row.reading && counts.key === row.reading.key ? counts.left : null;
}

/** Says on the root which handle's numbers follow at once: the one in the hand, else the one in focus or under the pointer. */
export function nameReadyTable(ledger) {
  const names = ledger.hand ? [ledger.hand.name] : [ledger.focus?.name, ledger.hover?.name];
  const ready = names.find((name) => name && tableOf(ledger, ledger.marks.get(name)?.[0]?.handle));
  attribute(ledger.root, "data-table", ready);
}

/** Called with what the pointer is over, or null. */
export function hovered(ledger, about) {
  if (ledger.hover?.criterion === about?.criterion && ledger.hover?.name === about?.name) return;
  ledger.hover = about;
  nameReadyTable(ledger);
  clearTimeout(ledger.hoverTimer);
  if (about) ledger.hoverTimer = setTimeout(() => askForMissing(ledger), HOVER);
}

/** Asks for the tables of what is in the hand, in focus or under the pointer, in this order, unless they are here or asked for. */
export function askForMissing(ledger) {
  const about = [ledger.hand?.about, ledger.focus, ledger.hover].find((each) => each && missing(ledger, each));
  if (!about || waitsForAnswer(ledger)) return;
  const now = performance.now();
  const since = ledger.asking ? now - ledger.asking.since : Infinity;
  clearTimeout(ledger.askTimer);
  ledger.askTimer = setTimeout(() => askForMissing(ledger), since < AGAIN ? AGAIN - since : AGAIN);
  if (since < AGAIN) return;
  const lacking = missing(ledger, about);
  const tries = ledger.tries.get(lacking) ?? 0;
  if (tries >= TRIES) return;
  ledger.tries.set(lacking, tries + 1);
  ledger.asking = { since: now, lacking };
  ask(ledger, { criterion: about.criterion, name: about.name });
}

/** After a view came: the question is answered when what was lacking is here, or could no longer be. */
export function answered(ledger) {
  if (!ledger.asking) return;
  const still = [ledger.hand?.about, ledger.focus, ledger.hover].some((each) => each && missing(ledger, each) === ledger.asking.lacking);
  if (!still) ledger.asking = null;
}

/** What is not here, as one text that changes with the keys; empty when nothing is. */
function missing(ledger, about) {
  const lacking = [];
  for (const handle of handlesOf(ledger, about)) if (handle.key && !handle.disabled && !tableOf(ledger, handle)) lacking.push(`${handle.name} ${handle.key}`);
  const row = about.criterion ? ledger.view.rows.find(({ id }) => id === about.criterion) : undefined;
  if (row?.reading?.key && !readingCounts(ledger, row)) lacking.push(`${row.id} ${row.reading.key}`);
  return lacking.join("\n");
}

function handlesOf(ledger, about) {
  const found = [];
  for (const marks of ledger.marks.values()) {
    for (const mark of marks) if (about.criterion ? mark.about.criterion === about.criterion : mark.handle.name === about.name) found.push(mark.handle);
  }
  return found;
}
