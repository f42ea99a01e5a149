// The menu of a criterion's readings, each with the count under it.

import { attribute, button, make, put } from "./elements.js";
import { whole } from "./numbers.js";
import { propose } from "./outbox.js";
import { askForMissing, hovered, readingCounts } from "./tables.js";

const GAP = 2;

export function openMenu(ledger, opener) {
  const id = opener.dataset.reading;
  closeMenu(ledger);
  const record = ledger.rows.get(id);
  const element = make("div", "menu", { role: "menu", "aria-label": opener.getAttribute("aria-label") });
  ledger.menu = { id, element, options: new Map() };
  for (const option of record.row.reading.options) {
    const choice = button("option", { role: "menuitemradio", tabindex: -1, "data-act": "option", "data-option": option.id }, make("span"), make("span", "count", { "data-left": "" }));
    ledger.menu.options.set(option.id, choice);
    element.append(choice);
  }
  ledger.parts.overlay.replaceChildren(element);
  attribute(opener, "aria-expanded", "true");
  hovered(ledger, record.about);
  askForMissing(ledger);
  drawMenu(ledger);
  place(ledger, opener);
  (ledger.menu.options.get(record.row.reading.id) ?? element.firstChild).focus({ preventScroll: true });
}

/** What the options say now; after a view the counts may have come, or the reading may be gone. */
export function drawMenu(ledger) {
  if (!ledger.menu) return;
  const row = ledger.rows.get(ledger.menu.id)?.row;
  if (!row?.reading || row.reading.options.length !== ledger.menu.options.size) {
    closeMenu(ledger);
    return;
  }
  const left = readingCounts(ledger, row);
  for (const { id, label } of row.reading.options) {
    const choice = ledger.menu.options.get(id);
    if (!choice) continue;
    put(choice.firstChild, label);
    put(choice.lastChild, left ? whole(left[id]) : "…");
    attribute(choice, "aria-checked", id === row.reading.id ? "true" : "false");
  }
}

export function closeMenu(ledger) {
  if (!ledger.menu) return;
  const { id, element } = ledger.menu;
  const opener = ledger.rows.get(id)?.reading;
  const had = element.matches(":focus-within");
  ledger.menu = null;
  ledger.parts.overlay.replaceChildren();
  if (!opener) return;
  attribute(opener, "aria-expanded", "false");
  if (had) opener.focus({ preventScroll: true });
}

export function chooseOption(ledger, reading) {
  const { id } = ledger.menu;
  const chosen = ledger.rows.get(id)?.row.reading.id;
  closeMenu(ledger);
  if (reading !== chosen) propose(ledger, { kind: "reading", criterion: id, reading });
}

export function menuKey(ledger, event) {
  const choices = [...ledger.menu.options.values()];
  const at = choices.indexOf(event.target.closest(".option"));
  const to = { ArrowDown: (at + 1) % choices.length, ArrowUp: (at - 1 + choices.length) % choices.length, Home: 0, End: choices.length - 1 }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    choices[to].focus({ preventScroll: true });
  } else if (event.key === "Escape" || event.key === "Tab") {
    if (event.key === "Escape") event.preventDefault();
    closeMenu(ledger);
  }
}

/** Below its button, or above where the ledger ends. */
function place(ledger, opener) {
  const { element } = ledger.menu;
  const whole = ledger.root.getBoundingClientRect();
  const from = opener.getBoundingClientRect();
  const size = element.getBoundingClientRect();
  const below = from.bottom + GAP + size.height <= Math.min(whole.bottom, window.innerHeight);
  const top = below ? from.bottom - whole.top + GAP : Math.max(0, from.top - whole.top - GAP - size.height);
  element.style.top = `${top}px`;
  element.style.left = `${Math.max(0, Math.min(from.left - whole.left, whole.width - size.width - GAP))}px`;
}
