// The line between headline and table: what was changed with its way back, the parameters several criteria share, the order.

import { arrange, attribute, button, make, put } from "./elements.js";
import { buildScale, shape, updateScale } from "./scale.js";
import { word } from "./words.js";

export function drawChanges(ledger) {
  const { parts } = ledger;
  parts.chips ??= make("div", "chips");
  parts.shared ??= make("div", "shared");
  parts.orders ??= make("div", "orders", { role: "group" });
  drawChips(ledger);
  drawShared(ledger);
  drawOrders(ledger);
  parts.notice ??= make("span", "notice");
  put(parts.notice, ledger.view.notice);
  attribute(parts.notice, "hidden", !ledger.view.notice);
  attribute(parts.notice, "title", ledger.view.notice || null);
  arrange(parts.changes, [parts.chips, parts.notice, parts.shared, parts.orders]);
}

function drawChips(ledger) {
  const { parts, view } = ledger;
  parts.nothing ??= make("span", "nothing");
  parts.chip ??= new Map();
  put(parts.nothing, view.nothing);
  const chips = new Map(view.chips.map((chip) => [chip.key, parts.chip.get(chip.key) ?? buildChip(chip.key)]));
  for (const { key, text, was } of view.chips) {
    const chip = chips.get(key);
    put(chip.children[0], text);
    put(chip.children[1], was ? `${word(view, "was")} ${was}` : "");
    attribute(chip, "aria-label", `${word(view, "undo")}: ${text}`);
    attribute(chip, "title", `${word(view, "undo")}: ${text}${was ? `, ${word(view, "was")} ${was}` : ""}`);
  }
  parts.chip = chips;
  arrange(parts.chips, chips.size ? [...chips.values()] : [parts.nothing]);
}

function buildChip(key) {
  const cross = make("span", "cross", { "aria-hidden": "true" }, "×");
  return button("chip", { "data-chip": key, "data-act": "undo", "data-focus": `chip ${key}` }, make("span"), make("span", "was"), cross);
}

function drawShared(ledger) {
  const { parts, view } = ledger;
  const known = parts.sharedScales ?? new Map();
  parts.sharedScales = new Map(view.shared.map((scale) => [shape(scale), known.get(shape(scale)) ?? buildShared(scale)]));
  for (const scale of view.shared) {
    const drawn = parts.sharedScales.get(shape(scale));
    put(drawn.label, scale.label);
    updateScale(drawn.scale, scale, view);
  }
  arrange(parts.shared, [...parts.sharedScales.values()].map(({ element }) => element));
}

function buildShared(scale) {
  const { name } = scale.handles[0];
  const drawn = buildScale(scale, { criterion: "", name });
  const label = make("span", "label");
  return { element: make("div", "compact", { "data-about": name }, label, drawn.element, drawn.values), label, scale: drawn };
}

function drawOrders(ledger) {
  const { parts, view } = ledger;
  const known = parts.order ?? new Map();
  parts.order = new Map(view.orders.map(({ id }) => [id, known.get(id) ?? button("order", { "data-order": id, "data-act": "order", "data-focus": `order ${id}` })]));
  for (const { id, label, on } of view.orders) {
    put(parts.order.get(id), label);
    attribute(parts.order.get(id), "aria-pressed", on ? "true" : "false");
  }
  attribute(parts.orders, "aria-label", view.heads?.order?.text);
  attribute(parts.orders, "title", view.heads?.order?.more || view.heads?.order?.text || null);
  arrange(parts.orders, [...parts.order.values()]);
}

export function scalesOfShared(ledger) {
  return [...(ledger.parts.sharedScales?.values() ?? [])].map(({ scale }) => scale);
}
