// How high a line is: as high as lets every row be seen without scrolling, within what can be read and what looks right.

import { fitAside } from "./aside.js";
import { style } from "./elements.js";
import { whole } from "./numbers.js";

const NARROW = 900;
const LARGE = 1600;
const LINE = { least: 19, most: { narrow: 28, wide: 30, large: 34 }, scrolling: { narrow: 24, wide: 24, large: 28 } };
const DIGIT = 0.58; // em
const GROUP = 0.8; // of a line

export function watchSize(ledger) {
  const observer = new ResizeObserver(() => fit(ledger));
  observer.observe(ledger.root);
  observer.observe(ledger.parts.rows);
  return () => observer.disconnect();
}

export function fit(ledger) {
  const { root, parts, view } = ledger;
  const across = root.clientWidth;
  const room = parts.rows.clientHeight;
  if (!view || !across || !room) return;
  const width = across < NARROW ? "narrow" : across < LARGE ? "wide" : "large";
  if (root.dataset.width !== width) root.dataset.width = width;
  fitAside(ledger);
  const scrollbar = `${parts.rows.offsetWidth - parts.rows.clientWidth}px`;
  style(root, "--scrollbar", scrollbar); // so that the heads stand above their columns
  const digits = whole(view.patients).length;
  style(root, "--count", `${(DIGIT * digits).toFixed(2)}em`);
  style(root, "--reserve", `${(DIGIT * 2.5 * digits + 2).toFixed(2)}em`);
  const line = lineHeight(room, lines(view, width), width);
  style(root, "--line", `${line}px`);
}

function lineHeight(room, count, width) {
  const fits = Math.floor((room / count) * 10) / 10;
  return fits < LINE.least ? LINE.scrolling[width] : Math.min(fits, LINE.most[width]);
}

function lines(view, width) {
  let count = 0.1;
  for (const row of view.rows) {
    count += (row.lines?.length > 1 ? 1 + row.lines.length : 1) + (width === "narrow" ? 1 : 0) + (row.group ? GROUP : 0);
  }
  return count;
}
