// What goes to Python, one proposal at a time. Streamlit keeps only the newest trigger while a run is under way,
// so a second one sent too early would swallow the first; and a question for tables must never do so.

const PATIENCE = 30_000; // every view says which turn it answers: this is only for a lost connection

export function createOutbox() {
  return { items: [], last: 0, timer: 0, trigger: null };
}

/** Sends a proposal, or queues it behind the one under way. */
export function propose(ledger, proposal) {
  ledger.dismissed = null; // what is refused again is said again
  ledger.moved = true;
  enqueue(ledger, "proposed", proposal);
}

export function tellOpened(ledger, criterion) {
  enqueue(ledger, "opened", { criterion });
}

/** A question may be lost without harm, so it does not queue: whoever asks asks again. */
export function ask(ledger, question) {
  ledger.outbox.trigger("asked", { ...question, turn: nextTurn(ledger.outbox) });
}

/** Forgets what this view answers, and sends what waited for it. */
export function settle(ledger, view) {
  const { outbox } = ledger;
  outbox.items = outbox.items.filter((item) => !item.sent || item.turn > view.answered);
  pump(ledger);
}

/** What was proposed and not yet answered, the newest that fits. */
export function unanswered(ledger, fits) {
  return ledger.outbox.items.findLast((item) => item.trigger === "proposed" && fits(item.payload))?.payload;
}

export function waitsForAnswer(ledger) {
  return ledger.outbox.items.some((item) => item.trigger === "proposed");
}

function enqueue(ledger, trigger, payload) {
  const { outbox } = ledger;
  outbox.items = outbox.items.filter((item) => item.sent || subject(item) !== subject({ trigger, payload }));
  outbox.items.push({ trigger, payload, turn: nextTurn(outbox), sent: false });
  pump(ledger);
}

function pump(ledger) {
  const { outbox } = ledger;
  clearTimeout(outbox.timer);
  const [first] = outbox.items;
  if (!first) return;
  if (!first.sent) {
    first.sent = true;
    outbox.trigger(first.trigger, { ...first.payload, turn: first.turn });
  }
  outbox.timer = setTimeout(() => {
    outbox.items.shift();
    pump(ledger);
    ledger.redraw();
  }, PATIENCE);
}

/** What a proposal is about: a newer one about the same replaces one that was not sent yet; each step through the history is one of its own. */
function subject({ trigger, payload }) {
  const kind = payload.kind === "typed" ? "value" : payload.kind;
  return [trigger, kind, payload.name ?? payload.criterion ?? payload.chip ?? payload.press].filter((part) => part !== undefined).join(" ");
}

/** Rising over reloads too, as Python remembers the turn it answered last. */
function nextTurn(outbox) {
  outbox.last = Math.max(outbox.last + 1, Date.now());
  return outbox.last;
}
