// The numbers always in view, the column heads with the legend, and the sentence about a refused proposal.

import { arrange, attribute, button, make, put } from "./elements.js";
import { buildExplanation, drawExplanation } from "./explanation.js";
import { word } from "./words.js";

const COLUMNS = { criterion: 1, threshold: 4, fails: 5, gain: 6, unknown: 7, share: 8, left: 9 }; // the first stands above switch, grip and name
const LEGENDS = { threshold: ["everybody", "rest"], left: ["eligible", "undetermined", "lost"] };

/** Draws the blocks; their values, details and explanations are written by follow.js. */
export function drawHeadline(ledger) {
  const { parts, view } = ledger;
  parts.tally ??= { eligible: make("i", "eligible"), undetermined: make("i", "undetermined") };
  const known = new Map((parts.headline ?? []).map((block) => [block.id, block]));
  parts.headline = view.headline.map(({ id }, index) => known.get(id) ?? buildBlock(id, index === 0 ? parts.tally : null));
  view.headline.forEach(({ label }, index) => put(parts.headline[index].label, label));
  // the first is apart from the others: where all has to scroll it stays
  const [first, ...others] = parts.headline.map(({ element }) => element);
  parts.others ??= make("div", "others");
  arrange(parts.others, others);
  arrange(parts.head, first ? [first, parts.others] : []);
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
    parts.columns = Object.fromEntries(Object.entries(COLUMNS).map(([name, at]) => [name, buildHead(name, at)]));
    attribute(parts.columns.criterion, "aria-colspan", 3);
    parts.legend = {};
    for (const [column, names] of Object.entries(LEGENDS)) {
      for (const name of names) parts.columns[column].lastChild.append((parts.legend[name] = make("span", `legend ${name}`, {}, make("i", "key"), make("span"))));
    }
    parts.explanation = buildExplanation();
    parts.columns.criterion.lastChild.append(parts.explanation.button);
    parts.heads.append(...Object.values(parts.columns), parts.explanation.element);
  }
  for (const name of Object.keys(COLUMNS)) {
    const { text, counted, more } = view.heads?.[name] ?? {};
    put(parts.columns[name].firstChild, text);
    if (counted) put(parts.columns[name].lastChild, counted);
    attribute(parts.columns[name], "title", more || null);
  }
  for (const [name, element] of Object.entries(parts.legend)) put(element.lastChild, word(view, name));
  drawExplanation(parts.explanation, view, Object.keys(COLUMNS));
}

/** What the column is called, and under it what it counts, or its legend. */
function buildHead(name, at) {
  return make("span", `head-${name}`, { role: "columnheader", "aria-colindex": at }, make("span"), make("span", "counted"));
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
