// What people do, told apart by where they do it. Listeners sit on the root once: what is below it comes and goes.

import { cancel, drag, drop, press } from "./drag.js";
import { historyKey } from "./history.js";
import { propose, tellOpened } from "./outbox.js";
import { closeMenu, menuKey, chooseOption, openMenu } from "./reading.js";
import { lift, liftedMove, liftedDrop, liftCancel, moveByKey } from "./reorder.js";
import { goByKey, skip, useRow } from "./roving.js";
import { handleKey, leave } from "./stepping.js";
import { askForMissing, hovered, nameReadyTable } from "./tables.js";
import { startTyping } from "./typed.js";

export function listen(ledger) {
  const { root } = ledger;
  const until = new AbortController();
  const on = (target, type, act, options = {}) => target.addEventListener(type, (event) => ledger.view && act(event), { signal: until.signal, ...options });
  on(root, "pointerdown", (event) => pressed(ledger, event));
  on(root, "pointermove", (event) => (ledger.lifted ? liftedMove(ledger, event) : drag(ledger, event)));
  on(root, "pointerup", (event) => (ledger.lifted ? liftedDrop(ledger, event) : drop(ledger, event)));
  for (const type of ["pointercancel", "lostpointercapture"]) on(root, type, (event) => lost(ledger, event));
  on(root, "pointerover", (event) => hovered(ledger, aboutOf(ledger, event.target)));
  on(root, "pointerleave", () => hovered(ledger, null));
  on(root, "focusin", (event) => focused(ledger, event.target));
  on(root, "focusout", (event) => leave(ledger, event));
  on(root, "click", (event) => clicked(ledger, event.target));
  on(root, "change", ({ target }) => target.matches("[data-choice]") && propose(ledger, { kind: "choice", name: target.dataset.choice, value: target.value }));
  on(root, "keydown", (event) => key(ledger, event));
  // Streamlit takes single letters as commands of its own, but not those that are typed
  for (const type of ["keydown", "keypress", "keyup"]) on(root, type, (event) => event.target.matches("input, select") && event.stopPropagation());
  on(root, "keyup", () => root.classList.remove("by-pointer")); // Tab into the ledger
  // a press outside, and Escape while a line is dragged with the focus elsewhere
  on(document, "pointerdown", (event) => event.composedPath().includes(root) || closeMenu(ledger));
  on(document, "keydown", (event) => event.key === "Escape" && escaped(ledger, event), { capture: true });
  on(document, "keydown", (event) => historyKey(ledger, event));
  return () => until.abort();
}

function pressed(ledger, event) {
  ledger.root.classList.add("by-pointer"); // focus is given by script then, and would be ringed
  if (!event.target.closest(".menu, [data-reading]")) closeMenu(ledger);
  if (event.target.closest("[data-act]")) return;
  const grip = event.target.closest("[data-grip]");
  if (grip) {
    lift(ledger, event, grip);
    return;
  }
  const scale = event.target.closest(".scale")?.scale;
  if (scale) press(ledger, event, scale);
}

function lost(ledger, event) {
  if (ledger.lifted) liftCancel(ledger);
  else if (ledger.hand?.by === "pointer" && event.pointerId === ledger.hand.pointer) cancel(ledger);
}

function escaped(ledger, event) {
  if (ledger.lifted) liftCancel(ledger);
  else if (ledger.hand) cancel(ledger);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** What the tables are asked for when the pointer or the focus is here. */
function aboutOf(ledger, target) {
  const mark = target.closest("[data-handle], [data-value]")?.mark;
  if (mark) return mark.about;
  const row = target.closest("[data-row]");
  if (row) return ledger.rows.get(row.dataset.row)?.about ?? null;
  const detail = target.closest("[data-detail]");
  if (detail) return ledger.rows.get(detail.dataset.detail)?.about ?? null;
  const name = target.closest("[data-about]")?.dataset.about;
  return name ? { criterion: "", name } : null;
}

function focused(ledger, target) {
  useRow(ledger, target);
  ledger.focus = aboutOf(ledger, target);
  nameReadyTable(ledger);
  askForMissing(ledger);
}

function key(ledger, event) {
  ledger.root.classList.remove("by-pointer");
  if (event.target.closest(".menu")) menuKey(ledger, event);
  else if (goByKey(ledger, event)) return;
  else if (event.target.closest("[data-handle]")) handleKey(ledger, event, event.target.closest("[data-handle]").mark);
  else if (event.target.closest("[data-grip]")) moveByKey(ledger, event, event.target.closest("[data-grip]").dataset.grip);
  else if (event.target.closest("[data-reading]") && event.altKey && event.key === "ArrowDown") {
    event.preventDefault();
    openMenu(ledger, event.target.closest("[data-reading]"));
  }
}

function clicked(ledger, target) {
  const element = target.closest("[data-act]");
  if (!element) return;
  const { act } = element.dataset;
  if (act in ACTS) ACTS[act](ledger, element);
  ledger.redraw();
}

const ACTS = {
  switch: (ledger, element) => propose(ledger, { kind: "switch", criterion: element.dataset.switch, on: element.getAttribute("aria-checked") !== "true" }),
  undo: (ledger, element) => propose(ledger, { kind: "undo", chip: element.dataset.chip }),
  order: (ledger, element) => propose(ledger, { kind: "order", order: element.dataset.order }),
  back: (ledger, { mark: { handle } }) => {
    propose(ledger, { kind: "value", name: handle.name, value: handle.values[handle.written] });
  },
  type: (ledger, { mark }) => startTyping(ledger, mark),
  open: (ledger, element) => {
    ledger.opened = ledger.opened === element.dataset.open ? "" : element.dataset.open;
    tellOpened(ledger, ledger.opened);
  },
  reading: (ledger, element) => (ledger.menu?.id === element.dataset.reading ? closeMenu(ledger) : openMenu(ledger, element)),
  option: (ledger, element) => chooseOption(ledger, element.dataset.option),
  toggle: (ledger, element) => propose(ledger, { kind: "toggle", name: element.dataset.toggle, on: element.checked }),
  skip,
  aside: (ledger) => {
    ledger.asideAll = !ledger.asideAll;
  },
  dismiss: (ledger) => {
    ledger.dismissed = ledger.view.message;
  },
};
