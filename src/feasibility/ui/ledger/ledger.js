// The ledger: one table in which a threshold is dragged on its own distribution and every number follows.
// Streamlit calls the default export with each new view and on a change of theme; what lasts is kept by its parent element.

import { drawAside, scalesOfAside } from "./aside.js";
import { drawChanges, scalesOfShared } from "./changes.js";
import { drawDetail, scalesOfDetail, showNewDetail } from "./detail.js";
import { keepHand } from "./drag.js";
import { attribute, make } from "./elements.js";
import { fit, watchSize } from "./fit.js";
import { followAll } from "./follow.js";
import { drawColumnHeads, drawHeadline, drawMessage } from "./headline.js";
import { listen } from "./listen.js";
import { createOutbox, settle, waitsForAnswer } from "./outbox.js";
import { drawMenu } from "./reading.js";
import { buildSkip, drawRoving, drawSkip } from "./roving.js";
import { drawRows, scalesOfRows } from "./rows.js";
import { sayHeadline, saysTheSame } from "./say.js";
import { watchSight } from "./seen.js";
import { answered, askForMissing, takeTables } from "./tables.js";

const COLUMNS = 9; // of a row: switch, grip, criterion, threshold, fails, gain, unknown, share, left
const LOOK_AGAIN = 1000; // milliseconds
const EMPTY = { headline: [], chips: [], orders: [], shared: [], rows: [] };
const ledgers = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  const ledger = ledgers.get(parentElement) ?? mount(parentElement);
  clearTimeout(ledger.leaving);
  ledger.outbox.trigger = setTriggerValue;
  if (data && data !== ledger.data) take(ledger, data);
  return () => leave(ledger, 0);
}

/** Streamlit says goodbye now and then only to call again at once: what stays on the page keeps its focus, its drag and its listeners. */
function leave(ledger, wait) {
  clearTimeout(ledger.leaving);
  ledger.leaving = setTimeout(() => (ledger.parent.isConnected ? leave(ledger, LOOK_AGAIN) : unmount(ledger.parent)), wait);
}

function mount(parent) {
  const root = parent.querySelector(".ledger");
  const parts = {
    skip: buildSkip(),
    head: make("div", "headline"),
    changes: make("div", "changes"),
    message: make("div", "message"),
    heads: make("div", "heads", { role: "row" }),
    rows: make("div", "rows", { role: "rowgroup" }),
    aside: make("div", "aside"),
    live: make("div", "live", { "aria-live": "polite" }),
    overlay: make("div", "overlay"),
  };
  const table = make("div", "table", { role: "grid", "aria-colcount": COLUMNS }, parts.heads, parts.rows);
  root.replaceChildren(parts.skip, parts.head, parts.changes, table, parts.aside, parts.message, parts.overlay, parts.live);
  const ledger = {
    parent, root, parts, data: null, view: null, rows: new Map(), marks: new Map(), tables: new Map(), readings: new Map(), tries: new Map(),
    outbox: createOutbox(), hand: null, focus: null, hover: null, asking: null, opened: "", current: "", sought: {}, going: false, moved: false, menu: null, dismissed: null,
  };
  ledger.redraw = () => draw(ledger);
  ledger.mark = () => markState(ledger);
  ledgers.set(parent, ledger);
  const stops = [showWhenStyled(ledger), watchSize(ledger), watchSight(ledger), listen(ledger)];
  ledger.stop = () => stops.forEach((stop) => stop());
  return ledger;
}

function unmount(parent) {
  const ledger = ledgers.get(parent);
  if (!ledger) return;
  for (const timer of [ledger.hoverTimer, ledger.askTimer, ledger.outbox.timer, ledger.hand?.timer, ledger.sayTimer]) clearTimeout(timer);
  ledger.stop();
  ledgers.delete(parent);
}

/** A new view: the hand, the focus and an unanswered proposal outlive it. */
function take(ledger, data) {
  const before = ledger.view;
  const view = { ...EMPTY, ...data };
  ledger.data = data;
  ledger.view = view;
  ledger.mostFail = Math.max(0, ...view.rows.flatMap(({ loss, lines }) => [loss?.fails ?? 0, ...lines.map(({ fails }) => fails ?? 0)]));
  takeTables(ledger, view, before);
  settle(ledger, view);
  ledger.opened = view.open?.id ?? "";
  draw(ledger);
  answered(ledger);
  askForMissing(ledger);
  if (before && !saysTheSame(before.headline, view.headline)) ledger.moved = true; // by a control outside the ledger
  if (ledger.moved && !waitsForAnswer(ledger)) {
    ledger.moved = false;
    sayHeadline(ledger);
  }
}

function draw(ledger) {
  const { root, view } = ledger;
  const focused = focusedName(ledger);
  drawSkip(ledger);
  drawHeadline(ledger);
  drawChanges(ledger);
  drawColumnHeads(ledger);
  drawMessage(ledger);
  drawDetail(ledger);
  drawRows(ledger);
  drawRoving(ledger);
  showNewDetail(ledger);
  drawAside(ledger);
  gatherMarks(ledger);
  fit(ledger);
  keepHand(ledger);
  followAll(ledger);
  drawMenu(ledger);
  refocus(ledger, focused);
  root.dataset.revision = view.revision;
  markState(ledger);
}

function gatherMarks(ledger) {
  ledger.marks = new Map();
  for (const scale of [...scalesOfRows(ledger), ...scalesOfShared(ledger), ...scalesOfAside(ledger), ...scalesOfDetail(ledger)]) {
    for (const mark of scale.marks) {
      const { name } = mark.handle;
      ledger.marks.set(name, [...(ledger.marks.get(name) ?? []), mark]);
    }
  }
}

function markState(ledger) {
  const waits = waitsForAnswer(ledger);
  ledger.root.dataset.state = ledger.hand ? "dragging" : waits ? "waiting" : "ready";
  attribute(ledger.parts.rows, "aria-busy", waits ? "true" : null);
}

function focusedName(ledger) {
  return ledger.parent.activeElement?.dataset?.focus;
}

/** Focus stays with what it was on, even where its element had to be made anew. */
function refocus(ledger, name) {
  if (!name || focusedName(ledger) === name) return;
  for (const element of ledger.root.querySelectorAll("[data-focus]")) {
    if (element.dataset.focus === name) {
      element.focus({ preventScroll: true });
      return;
    }
  }
}

/** The style sheet comes by a link of its own: nothing is shown before it, as bare texts would flash. */
function showWhenStyled({ parent, root }) {
  const link = parent.querySelector('link[rel="stylesheet"]');
  if (!link || link.sheet) return () => {};
  const show = () => root.style.removeProperty("visibility");
  root.style.visibility = "hidden";
  link.addEventListener("load", show, { once: true });
  link.addEventListener("error", show, { once: true });
  return () => link.removeEventListener("load", show);
}
