// The numbers always in view, the column heads with the legend, and the sentence about a refused proposal.

import { arrange, attribute, button, make, put } from "./elements.js";
import { word } from "./words.js";

const COLUMNS = { criterion: 1, threshold: 4, fails: 5, gain: 6, unknown: 7, share: 8, left: 9 }; // the first stands above switch, grip and name
const LEGEND = ["eligible", "undetermined", "lost"];

/** Draws the blocks; their values, details and explanations are written by follow.js. */
export function drawHeadline(ledger) {
  const { parts, view } = ledger;
  parts.tally ??= { eligible: make("i", "eligible"), undetermined: make("i", "undetermined") };
  const known = new Map((parts.headline ?? []).map((block) => [block.id, block]));
  parts.headline = view.headline.map(({ id }, index) => known.get(id) ?? buildBlock(id, index === 0 ? parts.tally : null));
  view.headline.forEach(({ label }, index) => put(parts.headline[index].label, label));
  arrange(parts.head, parts.headline.map(({ element }) => element));
}

function buildBlock(id, tally) {
  const label = make("div", "label");
  const value = make("span", "value", { "data-part": "value" });
  const detail = make("span", "further", { "data-part": "detail" });
  const element = make("div", tally ? "block first" : "block", { "data-headline": id }, label, make("div", "said", {}, value, detail));
  if (tally) element.append(make("div", "tally", { "aria-hidden": "true" }, tally.eligible, tally.undetermined));
  return { id, element, label, value, detail };
}

export function drawColumnHeads(ledger) {
  const { parts, view } = ledger;
  if (!parts.columns) {
    parts.columns = Object.fromEntries(Object.entries(COLUMNS).map(([name, at]) => [name, make("span", `head-${name}`, { role: "columnheader", "aria-colindex": at }, make("span"))]));
    attribute(parts.columns.criterion, "aria-colspan", 3);
    parts.legend = Object.fromEntries(LEGEND.map((name) => [name, make("span", `legend ${name}`, {}, make("i", "key"), make("span"))]));
    parts.columns.left.append(...Object.values(parts.legend));
    parts.heads.append(...Object.values(parts.columns));
  }
  for (const name of Object.keys(COLUMNS)) {
    put(parts.columns[name].firstChild, view.heads?.[name]?.text ?? "");
    attribute(parts.columns[name], "title", view.heads?.[name]?.more || null);
  }
  for (const name of LEGEND) {
    put(parts.legend[name].lastChild, view.heads?.[name]?.text ?? "");
    attribute(parts.legend[name], "title", view.heads?.[name]?.more || null);
  }
}

/** A refused proposal: said until it is dismissed or the next view has nothing to say. */
export function drawMessage(ledger) {
  const { parts, view } = ledger;
  if (!view.message || view.message === ledger.dismissed) {
    arrange(parts.message, []);
    parts.said = null;
    return;
  }
  parts.said ??= make("div", "refusal", { role: "alert" }, make("span"), button("dismiss", { "data-act": "dismiss", "aria-label": word(view, "dismiss"), title: word(view, "dismiss") }, "×"));
  put(parts.said.firstChild, view.message);
  arrange(parts.message, [parts.said]);
}
