// What a move did, for those who do not see it: said once the keys rest, and again only where Python's answer says something else.

import { standing } from "./follow.js";

const REST = 500;

/** The headline of a new view. */
export function sayHeadline(ledger) {
  say(ledger, ledger.view.headline);
  ledger.said = "";
}

/** The headline of the table at the value shown, when no further key came. */
export function saySoon(ledger) {
  clearTimeout(ledger.sayTimer);
  ledger.sayTimer = setTimeout(() => {
    const { table, at } = standing(ledger);
    if (table) say(ledger, ledger.view.headline.map((block, index) => ({ ...block, ...table.headline[at][index] })));
  }, REST);
}

/** Whether two headlines say the same. */
export function saysTheSame(one, other) {
  return inWords(one) === inWords(other);
}

function inWords(blocks) {
  return blocks.filter(({ id }) => id === "eligible" || id === "change").map(({ label, value }) => `${label} ${value}`).join("; ");
}

function say(ledger, blocks) {
  const said = inWords(blocks);
  if (said !== ledger.said) ledger.parts.live.textContent = said;
  ledger.said = said;
}
