// What the columns count, in plain words, for everybody in the room at once: the heads have it as a title only.

import { button, make, put } from "./elements.js";
import { word } from "./words.js";

const GAP = 4;

export function buildExplanation() {
  const element = make("dl", "explanation", { popover: "auto" });
  const opener = button("explain", { "data-focus": "explain" });
  opener.popoverTargetElement = element;
  element.addEventListener("beforetoggle", ({ newState }) => {
    if (newState !== "open") return;
    const { left, bottom } = opener.getBoundingClientRect();
    element.style.left = `${left}px`;
    element.style.top = `${bottom + GAP}px`;
  });
  return { element, button: opener, said: "" };
}

export function drawExplanation(explanation, view, columns) {
  put(explanation.button, word(view, "explain"));
  const said = columns.map((name) => [word(view, name), view.heads?.[name]?.more ?? ""]);
  if (explanation.said === JSON.stringify(said)) return;
  explanation.said = JSON.stringify(said);
  explanation.element.replaceChildren(...said.map(([text, more]) => make("div", "", {}, make("dt", "", {}, text), make("dd", "", {}, more))));
}
