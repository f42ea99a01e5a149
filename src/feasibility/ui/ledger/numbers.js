// How counts are written.

const thousands = new Intl.NumberFormat("en-US");

export function whole(count) {
  return typeof count === "number" ? thousands.format(count) : (count ?? "");
}

export function signed(count) {
  if (typeof count !== "number" || count === 0) return whole(count);
  return (count > 0 ? "+" : "−") + thousands.format(Math.abs(count));
}

/** The length of a bar, in per cent of the whole. */
export function percent(count, of) {
  const part = typeof count === "number" && of > 0 ? count / of : 0;
  return `${(100 * Math.min(Math.max(part, 0), 1)).toFixed(3)}%`;
}
