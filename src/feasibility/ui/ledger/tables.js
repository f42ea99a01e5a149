// The count tables, kept as long as the handle they were made for says that they hold, and the questions for those missing.

import { attribute } from "./elements.js";
import { ask } from "./outbox.js";

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

/** Asks for the tables of what is in the hand, in focus or under the pointer, in this order, unless they are here or were just asked for. */
export function askForMissing(ledger) {
  const now = performance.now();
  clearTimeout(ledger.askTimer);
  const lacking = [ledger.hand?.about, ledger.focus, ledger.hover].map((about) => ({ about, what: about ? missing(ledger, about) : "" })).filter(({ what }) => what && triesOf(ledger, what).count < TRIES);
  if (!lacking.length || ledger.outbox.items.length) return; // a question sent now could swallow what was proposed
  ledger.askTimer = setTimeout(() => askForMissing(ledger), AGAIN);
  if (now - (ledger.asking ?? -Infinity) < AGAIN) return;
  const next = lacking.find(({ what }) => now - triesOf(ledger, what).since >= AGAIN);
  if (!next) return;
  ledger.tries.set(next.what, { count: triesOf(ledger, next.what).count + 1, since: now, about: next.about });
  ledger.asking = now;
  ask(ledger, { criterion: next.about.criterion, name: next.about.name });
}

/** After a view came. What it did not bring is asked for again later, at most a few times: for a criterion that is off there is nothing. */
export function answered(ledger) {
  ledger.asking = null;
  // what came may go out of date and be asked for anew
  for (const [what, { about }] of ledger.tries) if (missing(ledger, about) !== what) ledger.tries.delete(what);
}

function triesOf(ledger, what) {
  return ledger.tries.get(what) ?? { count: 0, since: -Infinity };
}

/** What is not here, as one text that changes with the keys; empty when nothing is. */
function missing(ledger, about) {
  const lacking = [];
  for (const handle of handlesOf(ledger, about)) if (handle.key && !handle.disabled && !tableOf(ledger, handle)) lacking.push(`${handle.name} ${handle.key}`);
  const row = about.criterion && !about.alone ? ledger.view.rows.find(({ id }) => id === about.criterion) : undefined;
  if (row?.reading?.key && !readingCounts(ledger, row)) lacking.push(`${row.id} ${row.reading.key}`);
  return lacking.join("\n");
}

/** A row is asked for as a whole; what belongs to no row, or stands in an open row only, by its name. */
function handlesOf(ledger, about) {
  const byName = about.alone || !about.criterion;
  const belongs = (mark) => (byName ? mark.handle.name === about.name : mark.about.criterion === about.criterion && !mark.about.alone);
  return [...ledger.marks.values()].flatMap((marks) => marks.filter(belongs).map(({ handle }) => handle));
}
