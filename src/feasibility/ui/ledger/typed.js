// A value typed instead of dragged. What was typed goes to Python as it is; it may refuse it in words.

import { make } from "./elements.js";
import { propose } from "./outbox.js";

/** Puts an input in the place of the value's text until Enter, Escape or the loss of focus. */
export function startTyping(ledger, mark) {
  if (mark.handle.disabled || mark.slot.querySelector("input")) return;
  const before = mark.value.textContent;
  const input = make("input", "typing", { type: "text", "aria-label": mark.value.getAttribute("aria-label"), "data-typing": mark.handle.name, autocomplete: "off", spellcheck: "false" });
  input.value = before;
  let done = false;
  const end = (text) => {
    if (done) return;
    done = true;
    const had = input.matches(":focus");
    input.remove();
    mark.slot.classList.remove("typed");
    if (had) mark.value.focus({ preventScroll: true });
    if (!text || text === before) return;
    propose(ledger, { kind: "typed", name: mark.handle.name, text });
    ledger.redraw();
  };
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault(); // or the button that gets the focus back would be pressed by the same key
    end(event.key === "Enter" ? input.value.trim() : null);
  });
  input.addEventListener("blur", () => end(input.isConnected ? input.value.trim() : null));
  mark.slot.classList.add("typed");
  mark.slot.append(input);
  input.focus({ preventScroll: true });
  input.select();
}
