// Which rows are in sight. Of sixty rows a third is; the others follow as soon as the line rests or they scroll into sight.

const LATER = 90;
const MARGIN = "60px 0px";

export function watchSight(ledger) {
  ledger.sight = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) target.inSight = isIntersecting;
      catchUp(ledger);
    },
    { root: ledger.parts.rows, rootMargin: MARGIN },
  );
  return () => {
    ledger.sight.disconnect();
    clearTimeout(ledger.later);
  };
}

/** Runs `show` for every row: at once for those in sight, the others when no further frame came for a while. */
export function eachRow(ledger, show) {
  clearTimeout(ledger.later);
  const late = [];
  for (const record of ledger.rows.values()) {
    if (record.element.inSight === false && ledger.hand) late.push(record);
    else show(record);
  }
  ledger.catchUp = () => late.forEach(show);
  if (late.length) ledger.later = setTimeout(ledger.catchUp, LATER);
}

function catchUp(ledger) {
  ledger.catchUp?.();
  ledger.catchUp = null;
}
