// The keys of undo and redo. On a page without the ledger they press the page's own buttons: the default export, which Streamlit calls.
// A button's own `shortcut` would not do: it takes the keys from a field that is typed into, and a button can have one only.

const TYPED_IN = "input:not([type=checkbox], [type=radio], [type=range]), textarea, select";
const BUTTONS = { back: ".st-key-undo button", forward: ".st-key-redo button" };

export default function () {
  const until = new AbortController();
  document.addEventListener("keydown", press, { signal: until.signal });
  return () => until.abort();
}

/** Where in the history a key leads, "back" or "forward"; "" for any other, one that was answered already and one for a field, which has an undo of its own. */
export function historyAsked(event) {
  return event.defaultPrevented || isTyping(event) ? "" : asked(event);
}

function press(event) {
  const to = historyAsked(event);
  if (!to) return;
  event.preventDefault();
  document.querySelector(BUTTONS[to])?.click();
}

function asked({ key, ctrlKey, metaKey, altKey, shiftKey }) {
  if (altKey || ctrlKey === metaKey) return "";
  const pressed = key.toLowerCase();
  if (pressed === "z") return shiftKey ? "forward" : "back";
  return pressed === "y" && ctrlKey && !shiftKey ? "forward" : "";
}

function isTyping(event) {
  const [target] = event.composedPath();
  return target instanceof HTMLElement && (target.isContentEditable || target.matches(TYPED_IN));
}
