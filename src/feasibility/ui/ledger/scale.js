// One drawn axis: the distribution, drawn once per view, and its marks (line with grip, shade of the failing side, as-written line, value).

import { attribute, button, drawing, make, put, style } from "./elements.js";
import { unanswered } from "./outbox.js";
import { tableOf } from "./tables.js";
import { word } from "./words.js";

const HIGH = 100;
const HEIGHT_OF_REST = 0.72; // of the axis: few pass everything else, so they are drawn to a height of their own
const LETTER = 0.5; // em, on average

/** What has to stay the same for a drawn scale to be kept. */
export function shape(scale) {
  return scale.handles.map(({ name }) => name).join("\t");
}

/** The axis and, apart from it, the values, as a row sets them in two columns. */
export function buildScale(scale, about) {
  const spread = { all: drawing("path", { class: "all" }), rest: drawing("path", { class: "rest" }) };
  const svg = drawing("svg", { class: "spread", preserveAspectRatio: "none", viewBox: `0 0 1 ${HIGH}`, "aria-hidden": "true" }, spread.all, spread.rest);
  const axis = make("div", "axis", {}, svg);
  const element = make("div", "scale", {}, axis);
  const values = make("span", "values");
  const record = { element, axis, svg, spread, values, unit: make("span", "unit"), drawn: {}, marks: [], about };
  record.marks = scale.handles.map((handle) => buildMark(record, handle, about));
  axis.prepend(...record.marks.map(({ shade }) => shade));
  axis.append(...record.marks.map(({ written }) => written));
  for (const mark of record.marks) {
    axis.append(mark.slider);
    values.append(mark.slot);
  }
  values.append(record.unit);
  element.scale = record;
  return record;
}

function buildMark(record, handle, about) {
  const { name } = handle;
  const slider = make("div", "handle", { role: "slider", tabindex: 0, "data-handle": name, "data-focus": `handle ${name}`, "aria-orientation": "horizontal" }, make("i", "grip"));
  const value = button("value", { "data-value": name, "data-act": "type", "data-focus": `value ${name}` });
  const back = button("back", { "data-act": "back", "data-back": name, "data-focus": `back ${name}`, hidden: true }, "↺");
  const written = button("written", { "data-act": "back", tabindex: -1, hidden: true, "aria-hidden": "true" });
  const mark = { handle, about: { ...about, name }, scale: record, slider, value, back, written, label: "", shade: make("i", "shade"), called: make("span", "called", { "aria-hidden": "true" }), slot: make("span", "slot"), at: -1 };
  mark.slot.append(mark.called, value, back);
  for (const part of [slider, value, back, written]) part.mark = mark;
  return mark;
}

/** Takes in a scale of a new view; the places of its marks are set apart, by placeMark. */
export function updateScale(record, scale, view) {
  record.scale = scale;
  if (!same(record.drawn.all, scale.all) || !same(record.drawn.rest, scale.rest)) {
    record.drawn = { all: scale.all, rest: scale.rest };
    const bins = scale.all?.length ?? scale.rest?.length ?? 1;
    attribute(record.svg, "viewBox", `0 0 ${bins} ${HIGH}`);
    attribute(record.spread.all, "d", outline(scale.all, 1));
    attribute(record.spread.rest, "d", outline(scale.rest, HEIGHT_OF_REST));
  }
  record.element.classList.toggle("plain", !scale.all && !scale.rest);
  put(record.unit, scale.unit);
  record.unit.classList.toggle("long", (scale.unit ?? "").length > 6);
  attribute(record.unit, "title", scale.unit || null);
  scale.handles.forEach((handle, index) => updateMark(record.marks[index], handle, scale, view));
}

function updateMark(mark, handle, scale, view) {
  mark.handle = handle;
  mark.at = -1;
  const { slider, value, back, written } = mark;
  const wayBack = `${word(view, "back")} ${handle.texts[handle.written]}`;
  const label = handle.label || scale.label;
  attribute(slider, "aria-label", label);
  attribute(slider, "aria-valuemin", 0);
  attribute(slider, "aria-valuemax", handle.values.length - 1);
  attribute(slider, "aria-disabled", handle.disabled ? "true" : null);
  attribute(slider, "title", handle.disabled || `${label}: ${word(view, "drag")}`);
  mark.label = label;
  put(mark.called, handle.called); // the names of line and value say it in full
  attribute(mark.called, "title", handle.called ? label : null);
  attribute(value, "title", handle.disabled || word(view, "typed"));
  attribute(value, "disabled", Boolean(handle.disabled));
  for (const way of [back, written]) {
    attribute(way, "title", wayBack);
    attribute(way, "aria-label", `${label}: ${wayBack}`);
  }
  // where a scale stands in a line of text, it must not be pushed about by its own value
  style(mark.slot, "--widest", `${(LETTER * Math.max(...handle.texts.map((text) => text.length))).toFixed(2)}em`);
  mark.slot.classList.toggle("fixed", Boolean(handle.disabled));
  slider.classList.toggle("fixed", Boolean(handle.disabled));
}

/** Where a handle is shown: in the hand, else where it was released, else where the view has it. */
export function shownAt(ledger, handle) {
  if (ledger.hand?.name === handle.name) return ledger.hand.at;
  return restsAt(ledger, handle);
}

export function restsAt(ledger, handle) {
  const released = unanswered(ledger, ({ kind, name }) => (kind === "value" || kind === "typed") && name === handle.name);
  if (!released || released.kind === "typed") return handle.at;
  const at = handle.values.indexOf(released.value);
  return at < 0 ? handle.at : at;
}

/** Moves a mark to one of its handle's values and says the value. */
export function placeMark(ledger, mark) {
  const { handle } = mark;
  const at = Math.min(Math.max(shownAt(ledger, handle), 0), handle.values.length - 1);
  const typed = unanswered(ledger, ({ kind, name }) => (kind === "value" || kind === "typed") && name === handle.name);
  const text = typed?.kind === "typed" ? typed.text : handle.texts[at];
  put(mark.value, text);
  attribute(mark.value, "aria-label", `${mark.label}: ${text}`);
  const changed = at !== handle.written;
  if (mark.at !== at) {
    mark.at = at;
    const place = `${(100 * handle.places[at]).toFixed(3)}%`;
    style(mark.slider, "left", place);
    style(mark.shade, handle.passes === "below" ? "left" : "right", handle.passes === "below" ? place : `${(100 - 100 * handle.places[at]).toFixed(3)}%`);
    style(mark.shade, handle.passes === "below" ? "right" : "left", "0%");
    attribute(mark.shade, "hidden", !handle.passes);
    style(mark.written, "left", `${(100 * handle.places[handle.written]).toFixed(3)}%`);
    attribute(mark.slider, "aria-valuenow", at);
    attribute(mark.slider, "aria-valuetext", handle.texts[at]);
    mark.slot.classList.toggle("changed", changed);
    attribute(mark.back, "hidden", !changed || Boolean(handle.disabled));
    attribute(mark.written, "hidden", !changed);
  }
  attribute(mark.slider, "data-ready", tableOf(ledger, handle) ? "true" : null);
}

/** The value nearest to a place on the axis, not beyond its neighbour on the same axis. */
export function nearest(ledger, mark, place) {
  const { places } = mark.handle;
  const [low, high] = bounds(ledger, mark);
  let found = -1;
  for (let at = 0; at < places.length; at += 1) {
    if (places[at] < low || places[at] > high) continue;
    if (found < 0 || Math.abs(places[at] - place) < Math.abs(places[found] - place)) found = at;
  }
  return found < 0 ? shownAt(ledger, mark.handle) : found;
}

/** Between which places a mark may move: handles on one axis do not cross. */
function bounds(ledger, mark) {
  const { marks } = mark.scale;
  const index = marks.indexOf(mark);
  const place = (other) => other.handle.places[shownAt(ledger, other.handle)];
  const before = marks.slice(0, index).map(place);
  const after = marks.slice(index + 1).map(place);
  return [Math.max(-Infinity, ...before), Math.min(Infinity, ...after)];
}

/** The histogram as one outline through the middles of its bins. Into the first and last goes all that lies beyond the axis: such a pile is cut off at the top. */
function outline(bins, share) {
  if (!bins || !bins.length) return "";
  const inner = bins.length < 4 ? bins : bins.slice(1, -1);
  const highest = Math.max(...inner) || Math.max(1, ...bins);
  const height = (count) => Math.max(0, HIGH - (HIGH * 0.94 * share * count) / highest).toFixed(1);
  const middles = bins.map((count, index) => `L${index + 0.5} ${height(count)}`).join("");
  return `M0 ${HIGH}L0 ${height(bins[0])}${middles}L${bins.length} ${height(bins.at(-1))}L${bins.length} ${HIGH}Z`;
}

function same(left, right) {
  if (left === right) return true;
  if (!left || !right || left.length !== right.length) return false;
  return left.every((count, index) => count === right[index]);
}
