// The rows: built once per criterion, kept as long as their structure is the same, so that focus and a drag outlive a new view.

import { arrange, attribute, button, make, put } from "./elements.js";
import { unanswered } from "./outbox.js";
import { orderAsked, rowsShown } from "./reorder.js";
import { buildScale, shape, updateScale } from "./scale.js";
import { word } from "./words.js";

/** Draws all rows of the view into the rows' area; returns nothing, leaves ledger.rows in step with the view. */
export function drawRows(ledger) {
  const { view } = ledger;
  const records = new Map();
  const children = [];
  const grouped = !orderAsked(ledger); // an order made by hand has no groups
  for (const row of rowsShown(ledger)) {
    const known = ledger.rows.get(row.id);
    const record = known && known.shape === shapeOf(row) ? known : buildRow(row);
    if (record !== known) ledger.sight.observe(record.element);
    record.row = row;
    records.set(row.id, record);
    updateRow(ledger, record);
    if (row.group && grouped) {
      record.group ??= make("div", "group", { role: "row" }, make("span", "", { role: "gridcell", "aria-colindex": 1, "aria-colspan": 9 }));
      put(record.group.firstChild, row.group);
      children.push(record.group);
    }
    children.push(record.element);
    if (view.open?.id === row.id && ledger.parts.detail) children.push(ledger.parts.detail);
  }
  for (const [id, { element }] of ledger.rows) if (records.get(id)?.element !== element) ledger.sight.unobserve(element);
  ledger.rows = records;
  arrange(ledger.parts.rows, children);
}

function shapeOf(row) {
  return JSON.stringify([Boolean(row.loss), Boolean(row.step), Boolean(row.reading), (row.lines ?? []).map((line) => (line.scales ?? []).map(shape))]);
}

function buildRow(row) {
  const { id } = row;
  const about = { criterion: id, name: row.lines?.flatMap((line) => line.scales ?? [])[0]?.handles[0]?.name ?? "" };
  const cells = buildCells(row);
  const switchButton = button("switch", { role: "switch", "data-switch": id, "data-act": "switch", "data-focus": `switch ${id}` }, make("i"));
  const grip = button("grip-cell", { "data-grip": id, "data-focus": `grip ${id}` }, make("span", "dots", { "aria-hidden": "true" }, "⠿"), make("span", "id", {}, id));
  const opener = button("opener", { "data-act": "open", "data-open": id, "data-focus": `open ${id}` }, make("span", "label"), make("i", "chevron", { "aria-hidden": "true" }));
  const part = make("span", "part", { hidden: true, role: "img" }, "◐");
  const reading = row.reading ? button("reading", { "data-act": "reading", "data-reading": id, "data-focus": `reading ${id}`, "aria-haspopup": "menu", "aria-expanded": "false" }, make("span")) : null;
  const several = (row.lines?.length ?? 0) > 1;
  const scales = several ? [] : (row.lines?.[0]?.scales ?? []).map((scale) => buildScale(scale, about));
  const name = make("div", "name", { role: "gridcell", "aria-colindex": 3 }, opener, part, ...(reading && scales.length ? [reading] : []));
  const note = make("span", "note");
  const saved = make("span", "saved", { "data-cell": "saved" });
  cells.saved = saved;
  const lines = several ? row.lines.map((line, index) => buildLine(line, index, about)) : [];
  const threshold = make("div", "threshold", { role: "gridcell", "aria-colindex": 4 });
  if (scales.length) threshold.append(axes(scales), make("span", "values-of", {}, ...scales.map(({ values }) => values), note, saved));
  else threshold.append(make("span", "values-of wide", {}, note, ...(reading ? [reading] : []), saved));
  const element = make("div", "row", { role: "row", "data-row": id }, make("div", "on", { role: "gridcell", "aria-colindex": 1 }, switchButton), make("div", "grip-of", { role: "gridcell", "aria-colindex": 2 }, grip), name, threshold, ...cells.elements, ...lines.flatMap(({ elements }) => elements));
  element.style.setProperty("--lines", several ? 1 + lines.length : 1);
  return { element, about, shape: shapeOf(row), cells, scales, lines, switchButton, grip, opener, label: opener.firstChild, part, reading, note, row };
}

function axes(scales) {
  return make("div", "axes", {}, ...scales.map(({ element }) => element));
}

function buildCells(row) {
  const cells = { elements: [] };
  if (row.loss) {
    cells.failsBar = make("i", "bar");
    for (const name of ["fails", "gain", "unknown", "share"]) cells[name] = make("span", "", { "data-cell": name });
    cells.elements.push(
      make("div", "fails", { role: "gridcell", "aria-colindex": 5 }, make("span", "track", {}, cells.failsBar), cells.fails),
      (cells.gainOf = make("div", "gain", { role: "gridcell", "aria-colindex": 6 }, cells.gain)),
      (cells.unknownOf = make("div", "unknown", { role: "gridcell", "aria-colindex": 7 }, cells.unknown)),
      make("div", "share", { role: "gridcell", "aria-colindex": 8 }, cells.share),
    );
  }
  if (row.step) {
    for (const name of ["eligible", "undetermined", "lost"]) {
      cells[`${name}Bar`] = make("i", name);
      cells[name] = make("span", name, { "data-cell": name });
    }
    cells.after = make("span", "after", {}, cells.eligible, make("span", "plus", {}, " + "), cells.undetermined, make("span", "minus", {}, " −"), cells.lost);
    cells.elements.push(make("div", "left", { role: "gridcell", "aria-colindex": 9 }, make("div", "funnel", {}, cells.eligibleBar, cells.undeterminedBar, cells.lostBar, cells.after)));
  }
  return cells;
}

function buildLine(line, index, about) {
  const scales = (line.scales ?? []).map((scale) => buildScale(scale, about));
  const label = make("div", "limb", { role: "gridcell", "aria-colindex": 3 });
  const fails = make("span", "", { "data-cell": "fails" });
  const unknown = make("span", "", { "data-cell": "unknown" });
  const failsBar = make("i", "bar");
  const own = { "data-line": index };
  const elements = [
    label,
    make("div", "threshold", { role: "gridcell", "aria-colindex": 4 }, axes(scales), make("span", "values-of", {}, ...scales.map(({ values }) => values))),
    make("div", "fails", { role: "gridcell", "aria-colindex": 5, ...own }, make("span", "track", {}, failsBar), fails),
    make("div", "unknown", { role: "gridcell", "aria-colindex": 7, ...own }, unknown),
  ];
  for (const element of elements) {
    element.classList.add("sub");
    element.style.setProperty("--at", index);
  }
  return { line, label, scales, fails, unknown, failsBar, elements };
}

function updateRow(ledger, record) {
  const { view } = ledger;
  const { row, element } = record;
  const name = `${row.id} ${row.label}`;
  const opened = ledger.opened === row.id;
  const on = unanswered(ledger, ({ kind, criterion }) => kind === "switch" && criterion === row.id)?.on ?? row.on;
  const chosen = unanswered(ledger, ({ kind, criterion }) => kind === "reading" && criterion === row.id)?.reading ?? row.reading?.id;
  element.classList.toggle("off", !on);
  element.classList.toggle("changed", Boolean(row.changed));
  element.classList.toggle("open", opened);
  attribute(element, "aria-label", name);
  attribute(record.switchButton, "aria-checked", on ? "true" : "false");
  attribute(record.switchButton, "aria-label", name);
  attribute(record.grip, "aria-label", `${word(view, "move")} ${name}`);
  attribute(record.grip, "title", view.heads?.move?.more || `${word(view, "move")} ${name}`);
  put(record.label, row.label);
  attribute(record.opener, "title", row.label);
  attribute(record.opener, "aria-expanded", opened ? "true" : "false");
  attribute(record.opener, "aria-label", `${word(view, "moreOf")} ${name}`);
  attribute(record.part, "hidden", !row.part);
  attribute(record.part, "title", row.part || null);
  attribute(record.part, "aria-label", row.part || null);
  if (record.cells.unknownOf) attribute(record.cells.unknownOf, "data-said", word(view, "unknown")); // said where the column has no head
  put(record.note, row.note);
  attribute(record.note, "title", row.note || null);
  if (record.reading) {
    const { label, short } = row.reading.options?.find(({ id }) => id === chosen) ?? row.reading;
    put(record.reading.firstChild, short);
    attribute(record.reading, "data-full", label);
    record.reading.classList.toggle("changed", Boolean(row.reading.changed));
    attribute(record.reading, "aria-label", `${word(view, "readingOf")} ${name}: ${label}`);
  }
  if (record.lines.length) {
    record.lines.forEach((drawn, index) => {
      drawn.line = row.lines[index];
      put(drawn.label, drawn.line.label);
      attribute(drawn.label, "title", drawn.line.label || null);
      drawn.scales.forEach((scale, which) => updateScale(scale, drawn.line.scales[which], view));
    });
  } else {
    record.scales.forEach((scale, which) => updateScale(scale, row.lines[0].scales[which], view));
  }
}

/** All drawn scales of the rows. */
export function scalesOfRows(ledger) {
  return [...ledger.rows.values()].flatMap((record) => [...record.scales, ...record.lines.flatMap(({ scales }) => scales)]);
}
