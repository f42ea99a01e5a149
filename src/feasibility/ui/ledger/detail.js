// The open row: the clause as it was written, how it is read, what is missing, and its further parameters.

import { arrange, attribute, make, put } from "./elements.js";
import { buildScale, shape, updateScale } from "./scale.js";

export function drawDetail(ledger) {
  const { parts, view } = ledger;
  const detail = view.open;
  if (!detail || ledger.opened !== detail.id) {
    parts.detail = null;
    parts.detailScales = null;
    return;
  }
  if (parts.detail?.dataset.detail !== detail.id) {
    parts.detail = make("div", "detail", { "data-detail": detail.id, role: "row" });
    parts.detailTexts = make("div", "texts", { role: "gridcell", "aria-colindex": 1, "aria-colspan": 4 });
    parts.detailControls = make("div", "controls", { role: "gridcell", "aria-colindex": 5, "aria-colspan": 5 });
    parts.detailScales = new Map();
    parts.detail.append(parts.detailTexts, parts.detailControls);
    parts.detailSaid = "";
  }
  drawTexts(parts, detail);
  drawControls(ledger, detail);
}

/** After the rows were drawn: a detail that has just come is brought into sight, its row with it. */
export function showNewDetail(ledger) {
  const { detail } = ledger.parts;
  if (detail && ledger.parts.shownDetail !== detail) {
    detail.scrollIntoView({ block: "nearest" });
    ledger.rows.get(detail.dataset.detail)?.element.scrollIntoView({ block: "nearest" });
  }
  ledger.parts.shownDetail = detail;
}

function drawTexts(parts, detail) {
  const { text, note, join, limbs = [], facts = [] } = detail;
  const said = JSON.stringify([text, note, join, limbs, facts]);
  if (said === parts.detailSaid) return;
  parts.detailSaid = said;
  parts.facts = new Map();
  parts.factList = make("dl");
  for (const { label } of facts) factOf(parts, label);
  parts.detailTexts.replaceChildren(
    make("blockquote", "", {}, text),
    parts.factList,
    ...(join ? [make("p", "", {}, join)] : []),
    ...limbs.map(buildLimb),
    ...(note ? [make("p", "note", {}, note)] : []),
  );
}

/** The line of one fact; one that comes up only while a line moves is added then. */
export function factOf(parts, label) {
  if (!parts.facts.has(label)) {
    const said = make("dd");
    const element = make("div", "", {}, make("dt", "", {}, label), said);
    parts.factList.append(element);
    parts.facts.set(label, { element, said });
  }
  return parts.facts.get(label);
}

function buildLimb({ label, sentence, stage, policies = [] }) {
  const line = make("p", "limb");
  if (label) line.append(make("b", "", {}, label), " ");
  line.append(sentence ?? "");
  if (stage) line.append(make("span", "stage", {}, stage));
  for (const policy of policies) line.append(make("span", "policy", {}, policy));
  return line;
}

function drawControls(ledger, detail) {
  const { parts, view } = ledger;
  const known = parts.detailScales;
  parts.detailScales = new Map((detail.scales ?? []).map((scale) => [shape(scale), known.get(shape(scale)) ?? buildDetailScale(detail.id, scale)]));
  for (const scale of detail.scales ?? []) {
    const drawn = parts.detailScales.get(shape(scale));
    put(drawn.label, scale.label);
    updateScale(drawn.scale, scale, view);
  }
  const scales = [...parts.detailScales.values()].map(({ element }) => element);
  arrange(parts.detailControls, [...scales, ...(detail.switches ?? []).map((each) => drawToggle(parts, each)), ...(detail.choices ?? []).map((each) => drawChoice(parts, each))]);
  attribute(parts.detailControls, "hidden", !parts.detailControls.childElementCount);
}

function buildDetailScale(id, scale) {
  const drawn = buildScale(scale, { criterion: id, name: scale.handles[0].name, alone: true });
  const label = make("span", "label");
  return { element: make("div", "parameter", {}, label, drawn.element, drawn.values), label, scale: drawn };
}

function drawToggle(parts, { name, label, on, changed }) {
  const known = find(parts, "toggle", name);
  const box = known?.querySelector("input") ?? make("input", "", { type: "checkbox", "data-toggle": name, "data-act": "toggle", "data-focus": `toggle ${name}` });
  const element = known ?? make("label", "parameter toggle", { "data-parameter": `toggle ${name}` }, box, make("span", "label"));
  box.checked = on;
  put(element.lastChild, label);
  element.classList.toggle("changed", Boolean(changed));
  return element;
}

function drawChoice(parts, { name, label, value, options }) {
  const known = find(parts, "choice", name);
  const select = known?.querySelector("select") ?? make("select", "", { "data-choice": name, "data-focus": `choice ${name}` });
  const element = known ?? make("label", "parameter choice", { "data-parameter": `choice ${name}` }, make("span", "label"), select);
  put(element.firstChild, label);
  const said = JSON.stringify(options);
  if (select.said !== said) {
    select.said = said;
    select.replaceChildren(...options.map((option) => make("option", "", { value: option.id }, option.label)));
  }
  select.value = value;
  return element;
}

function find(parts, kind, name) {
  return [...parts.detailControls.children].find((element) => element.dataset.parameter === `${kind} ${name}`);
}

export function scalesOfDetail(ledger) {
  return [...(ledger.parts.detailScales?.values() ?? [])].map(({ scale }) => scale);
}
