// The criteria that are not in the data: set aside, each with its switch and its assumed pass rate.

import { arrange, attribute, button, make, put } from "./elements.js";
import { unanswered } from "./outbox.js";
import { buildScale, shape, updateScale } from "./scale.js";
import { word } from "./words.js";

export function drawAside(ledger) {
  const { parts, view } = ledger;
  const { aside } = view;
  parts.asideLabel ??= make("span", "aside-label");
  const known = parts.asideRows ?? new Map();
  put(parts.asideLabel, aside?.label);
  attribute(parts.asideLabel, "title", aside?.more || null);
  parts.asideRows = new Map();
  for (const row of aside?.rows ?? []) {
    const before = known.get(row.id);
    const drawn = before && before.shape === shapeOf(row) ? before : buildAside(row);
    parts.asideRows.set(row.id, drawn);
    updateAside(ledger, drawn, row);
  }
  parts.asideMore ??= button("show-all", { "data-act": "aside", "data-focus": "aside" });
  attribute(parts.aside, "hidden", !parts.asideRows.size);
  arrange(parts.aside, [parts.asideLabel, parts.asideMore, ...[...parts.asideRows.values()].map(({ element }) => element)]);
}

/** One line of them, however many there are; the others when asked for. What does not show is not in the order of Tab either. */
export function fitAside(ledger) {
  const { parts, view } = ledger;
  const elements = [...(parts.asideRows?.values() ?? [])].map(({ element }) => element);
  if (!elements.length) return;
  const isBeyond = (element) => element.offsetTop >= parts.asideLabel.offsetTop + parts.asideLabel.offsetHeight;
  parts.aside.classList.remove("cut");
  parts.aside.classList.toggle("cut", elements.some(isBeyond));
  const beyond = elements.filter(isBeyond);
  for (const element of elements) element.classList.toggle("beyond", !ledger.asideAll && beyond.includes(element));
  parts.aside.classList.toggle("all", Boolean(ledger.asideAll));
  attribute(parts.asideMore, "hidden", !beyond.length);
  attribute(parts.asideMore, "aria-expanded", ledger.asideAll ? "true" : "false");
  put(parts.asideMore, ledger.asideAll ? word(view, "showFewer") : `${word(view, "showAll")} ${elements.length}`);
}

function shapeOf(row) {
  return row.scale ? shape(row.scale) : "";
}

function buildAside(row) {
  const { id } = row;
  const name = row.scale?.handles[0].name ?? "";
  const scale = row.scale ? buildScale(row.scale, { criterion: "", name }) : null;
  const switchButton = button("switch", { role: "switch", "data-switch": id, "data-act": "switch", "data-focus": `switch ${id}` }, make("i"));
  const parts = { id: make("b", "", {}, id), label: make("span", "label"), note: make("span", "note") };
  const element = make("div", "compact", { "data-aside": id, "data-about": name }, switchButton, parts.id, parts.label, ...(scale ? [scale.element, scale.values] : []), parts.note);
  return { element, switchButton, ...parts, scale, shape: shapeOf(row) };
}

function updateAside(ledger, drawn, row) {
  const on = unanswered(ledger, ({ kind, criterion }) => kind === "switch" && criterion === row.id)?.on ?? row.on;
  put(drawn.label, row.label);
  put(drawn.note, row.note);
  attribute(drawn.element, "title", `${row.id} ${row.label}${row.note ? `: ${row.note}` : ""}`);
  attribute(drawn.switchButton, "aria-checked", on ? "true" : "false");
  attribute(drawn.switchButton, "aria-label", `${row.id} ${row.label}`);
  drawn.element.classList.toggle("off", !on);
  if (drawn.scale) updateScale(drawn.scale, row.scale, ledger.view);
}

export function scalesOfAside(ledger) {
  return [...(ledger.parts.asideRows?.values() ?? [])].flatMap(({ scale }) => (scale ? [scale] : []));
}
