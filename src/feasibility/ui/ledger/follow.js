// Every number and bar, at the place where the handle in hand is. The only module that writes counts; called in each frame of a drag.

import { factOf } from "./detail.js";
import { attribute, put, style } from "./elements.js";
import { percent, signed, whole } from "./numbers.js";
import { unanswered } from "./outbox.js";
import { restsAt, shownAt, placeMark } from "./scale.js";
import { eachRow } from "./seen.js";
import { nameReadyTable, tableOf } from "./tables.js";

/** All marks and all numbers; after a new view. */
export function followAll(ledger) {
  for (const marks of ledger.marks.values()) for (const mark of marks) placeMark(ledger, mark);
  follow(ledger, []);
}

/** The marks of the named handles and all numbers; in a frame of a drag. */
export function follow(ledger, names) {
  for (const name of names) for (const mark of ledger.marks.get(name) ?? []) placeMark(ledger, mark);
  const { root, view } = ledger;
  const { table, at, waits, mark, away, other } = standing(ledger);
  root.classList.toggle("waits", waits);
  root.classList.toggle("headline-only", isRate(mark) && !other);
  showDistributions(ledger, away && !isRate(mark) ? mark.about.criterion : null);
  nameReadyTable(ledger);
  showHeadline(ledger, table, at, away);
  const mostFail = Math.max(1, ledger.mostFail, mostFailing(table, at));
  const mostGained = largestGain(view, table, at);
  eachRow(ledger, (record) => {
    showRow(record, table, at, view.patients, mostFail);
    if (record.row.loss) markLargest(record, table, at, mostGained, view);
  });
  showFacts(ledger, table, at);
}

/** Which table the numbers come from: none while the view's own hold, or while they must wait for Python; and whether its line is away from where the view has it. */
export function standing(ledger) {
  const held = ledger.hand?.name ?? unanswered(ledger, ({ kind }) => kind === "value")?.name;
  const mark = ledger.marks.get(held)?.[0];
  const other = unanswered(ledger, ({ kind, name }) => !(kind === "value" && name === held));
  if (!mark) return { table: null, at: 0, waits: Boolean(other), mark, away: false, other };
  const at = shownAt(ledger, mark.handle);
  const table = other ? null : tableOf(ledger, mark.handle);
  const still = at === mark.handle.at && !other && restsAt(ledger, mark.handle) === at;
  return { table, at, waits: !table && !still, mark, away: at !== mark.handle.at, other };
}

function isRate(mark) {
  return Boolean(mark?.handle.name.startsWith("rate "));
}

/** Who passes everything else was counted for the view: while a line is away from it, this holds for its own criterion only. */
function showDistributions(ledger, criterion) {
  ledger.root.classList.toggle("moved", criterion !== null);
  if (criterion === null) return;
  for (const marks of ledger.marks.values()) for (const mark of marks) mark.scale.element.classList.toggle("own", mark.about.criterion !== "" && mark.about.criterion === criterion);
}

/** Explanations with counts of the view go while the values are not the view's. */
function showHeadline(ledger, table, at, away) {
  const { headline, tally } = ledger.parts;
  const { view } = ledger;
  view.headline.forEach((block, index) => {
    const said = table?.headline?.[at]?.[index] ?? block;
    put(headline[index].value, said.value);
    put(headline[index].detail, (said.detail ?? []).join(" · "));
    attribute(headline[index].element, "title", table && away ? null : block.more || null);
    headline[index].element.classList.toggle("more", String(said.value).startsWith("+"));
    headline[index].element.classList.toggle("fewer", /^[−-]/.test(String(said.value)));
  });
  const eligible = table?.tally?.eligible?.[at] ?? view.tally?.eligible ?? 0;
  const undetermined = table?.tally?.undetermined?.[at] ?? view.tally?.undetermined ?? 0;
  style(tally.eligible, "width", percent(eligible, view.patients));
  style(tally.undetermined, "width", percent(undetermined, view.patients));
}

/** The largest count of failures that moves, at a value: the bars keep their scale until one outgrows it. */
function mostFailing(table, at) {
  if (!table) return 0;
  const lines = Object.values(table.lines).flatMap((each) => each.map((line) => line?.fails[at] ?? 0));
  return Math.max(0, ...Object.values(table.fails).map((counts) => counts[at]), ...lines);
}

function largestGain({ rows }, table, at) {
  const gains = table?.n ? table.gain.slice(at * table.n, (at + 1) * table.n) : rows.map(({ loss }) => loss?.gain ?? 0);
  return Math.max(0, ...gains);
}

/** What costs most can be found at a glance, and is said to those who do not see it; nothing does where no criterion alone costs anybody. */
function markLargest({ row, cells }, table, at, mostGained, view) {
  const place = table?.place.get(row.id);
  const gain = place === undefined ? row.loss.gain : table.gain[at * table.n + place];
  const largest = mostGained > 0 && gain === mostGained;
  cells.gainOf.classList.toggle("largest", largest);
  attribute(cells.gainOf, "aria-description", largest ? view.heads?.largest?.text : null);
}

function showRow(record, table, at, patients, mostFail) {
  const { row, cells, lines } = record;
  const place = table?.place.get(row.id);
  const index = place === undefined ? -1 : at * table.n + place;
  if (row.loss) {
    const fails = table?.fails?.[row.id]?.[at] ?? row.loss.fails;
    put(cells.fails, whole(fails));
    showBar(cells.failsBar, fails, mostFail);
    put(cells.unknown, whole(table?.unknown?.[row.id]?.[at] ?? row.loss.unknown));
    put(cells.gain, signed(index < 0 ? row.loss.gain : table.gain[index]));
    put(cells.share, index < 0 ? row.loss.share : table.share[index]);
  }
  const saved = table?.saved?.[row.id]?.[at] ?? row.saved;
  put(cells.saved, saved);
  attribute(cells.saved, "title", saved || null);
  if (row.step) {
    if (index < 0) showStep(cells, row.step.eligible, row.step.undetermined, row.step.lost, patients);
    else showStep(cells, table.eligible[index], table.undetermined[index], table.lost[index], patients);
  }
  for (let line = 0; line < lines.length; line += 1) {
    const counts = table?.lines?.[row.id]?.[line];
    const fails = counts?.fails?.[at] ?? lines[line].line.fails;
    put(lines[line].fails, whole(fails));
    showBar(lines[line].failsBar, fails, mostFail);
    put(lines[line].unknown, whole(counts?.unknown?.[at] ?? lines[line].line.unknown));
  }
}

/** However few they are, their bar can be seen; nobody has none. */
function showBar(bar, count, mostFail) {
  style(bar, "width", percent(count, mostFail));
  style(bar, "min-width", count ? "1px" : "0");
}

/** The counts in the open row; where the table has none for them, they are shown as standing still. With an assumed rate nothing but the headline moves. */
function showFacts({ parts, view }, table, at) {
  if (!parts.detail) return;
  const moving = table?.facts?.[view.open.id]?.[at];
  const shown = moving ?? (view.open.facts ?? []).map(({ label, value }) => [label, value]);
  for (const [label, value] of shown) {
    const { element, said } = factOf(parts, label);
    put(said, value);
    attribute(element, "hidden", false);
    said.classList.toggle("still", Boolean(table?.n) && !moving);
  }
  const now = new Set(shown.map(([label]) => label));
  for (const [label, { element }] of parts.facts) if (!now.has(label)) attribute(element, "hidden", true);
}

function showStep(cells, eligible, undetermined, lost, patients) {
  put(cells.eligible, whole(eligible));
  put(cells.undetermined, whole(undetermined));
  put(cells.lost, whole(lost));
  style(cells.eligibleBar, "width", percent(eligible, patients));
  style(cells.undeterminedBar, "width", percent(undetermined, patients));
  style(cells.lostBar, "width", percent(lost, patients));
  cells.after.classList.toggle("sure", undetermined === 0);
  cells.after.classList.toggle("lossless", lost === 0);
}
