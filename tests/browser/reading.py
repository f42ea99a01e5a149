"""Everything the ledger shows, flat: read off the page in one go, and told from a view of the core, to be held against each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Numbers = dict[str, str]
"""What stands where, ``{"I5 fails": "78", "headline eligible value": "135", …}``."""

SHORTEST = 1  # pixels: of a bar for a few; for nobody none is drawn
EXACTLY = 0.15  # pixels

READ = """ledger => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => {
  const numbers = {}, bars = {}, at = {}, middle = {};
  const all = (selector, within = ledger) => [...within.querySelectorAll(selector)];
  const text = element => element ? element.textContent : 'NOT ON THE PAGE';
  const put = (key, said) => { numbers[key] = key in numbers && numbers[key] !== said ? numbers[key] + ' AND ' + said : said; };
  const measure = (key, bar) => {
    const own = bar.getBoundingClientRect(), whole = bar.parentElement.getBoundingClientRect();
    if (whole.width) bars[key] = [own.left - whole.left, own.right - whole.left, whole.width];
  };
  put('rows', all('[data-row]').map(row => row.dataset.row).join(' '));
  const sight = ledger.querySelector('.rows').getBoundingClientRect();
  const unseen = all('[data-row]').filter(row => row.getBoundingClientRect().top >= sight.bottom || row.getBoundingClientRect().bottom <= sight.top);
  for (const row of all('[data-row]')) {
    const id = row.dataset.row;
    for (const cell of all('[data-cell]', row)) {
      const line = cell.closest('[data-line]');
      put(`${id} ${line ? `line ${line.dataset.line} ` : ''}${cell.dataset.cell}`, text(cell));
    }
    for (const cell of all('.gain', row)) put(`${id} mark of the largest`, cell.matches('.largest') && cell.ariaDescription ? 'marked' : '');
    for (const bar of all('.bar', row)) {
      const line = bar.closest('[data-line]');
      measure(`${id} ${line ? `line ${line.dataset.line} ` : ''}fails`, bar);
    }
    for (const part of ['eligible', 'undetermined', 'lost']) for (const bar of all(`i.${part}`, row)) measure(`${id} ${part}`, bar);
  }
  for (const block of all('[data-headline]')) {
    put(`headline ${block.dataset.headline} label`, text(block.querySelector('.label')));
    for (const part of all('[data-part]', block)) put(`headline ${block.dataset.headline} ${part.dataset.part}`, text(part));
  }
  for (const part of ['eligible', 'undetermined']) for (const bar of all(`.tally i.${part}`)) measure(`tally ${part}`, bar);
  for (const value of all('[data-value]')) put(`value ${value.dataset.value}`, text(value));
  for (const line of all('[data-handle]')) {
    put(`said of ${line.dataset.handle}`, line.getAttribute('aria-valuetext'));
    const own = line.getBoundingClientRect();
    at[line.dataset.handle] = Number(line.getAttribute('aria-valuenow'));
    middle[line.dataset.handle] = own.left + own.width / 2;
  }
  for (const each of all('[data-switch]')) put(`switch ${each.dataset.switch}`, each.getAttribute('aria-checked') === 'true' ? 'on' : 'off');
  for (const each of all('[data-reading]')) put(`reading ${each.dataset.reading}`, text(each));
  for (const each of all('[data-order]')) put(`order ${each.dataset.order}`, each.getAttribute('aria-pressed') === 'true' ? 'on' : 'off');
  const facts = all('[data-detail] dl > div:not([hidden])').map(each => [each, `fact ${text(each.querySelector('dt'))}`]);
  for (const [each, key] of facts) put(key, text(each.querySelector('dd')));
  done({numbers, bars, at, middle, unseen: unseen.map(row => row.dataset.row), chips: all('[data-chip]').map(each => each.dataset.chip),
    state: ledger.dataset.state, revision: ledger.dataset.revision, table: ledger.dataset.table ?? '', faded: ledger.classList.contains('waits'),
    still: facts.filter(([each]) => each.querySelector('.still')).map(([, key]) => key), message: all('[role=alert] span').map(text).join(' ')});
})))"""
"""Waits until what was done has been drawn: the frame that draws it, and the next."""


@dataclass(frozen=True)
class Shown:
    """The ledger at one moment. ``bars``: where each begins and ends and how long the whole is, in pixels; those not displayed are left out.
    ``at`` and ``middle``: at which of its values each line stands, and where on the screen, in pixels. ``unseen``: rows scrolled out of sight.
    ``faded``: numbers are shown as waiting; ``still``: which facts in the open row are shown as standing still.
    """

    numbers: Numbers
    bars: dict[str, tuple[float, float, float]]
    at: dict[str, int]
    middle: dict[str, float]
    unseen: list[str]
    chips: list[str]
    state: str
    revision: str
    table: str
    faded: bool
    still: list[str]
    message: str


@dataclass(frozen=True)
class Told:
    """What the ledger has to show. ``bars``: where each begins and ends, as parts of the whole; ``most_fail``: how many the whole of those who fail are."""

    numbers: Numbers
    bars: dict[str, tuple[float, float]]
    most_fail: int


def told(view: dict[str, Any], least_whole: int = 1) -> Told:
    """What the page has to show of a view; while a line moves the bars of those who fail keep their whole until one outgrows it."""
    failing = [part["fails"] or 0 for row in view["rows"] for part in (*([row["loss"]] if row["loss"] else []), *row["lines"])]
    most_fail = max(least_whole, *failing)
    numbers = {"rows": " ".join(row["id"] for row in view["rows"])}
    gains = {row["id"]: row["loss"]["gain"] for row in view["rows"] if row["loss"]}
    numbers |= {f"{each} mark of the largest": "marked" if gain == max(gains.values()) > 0 else "" for each, gain in gains.items()}
    bars = {}
    for row in view["rows"]:
        numbers |= {f"{row['id']} {key}": text for key, text in _of_row(row).items()}
        bars |= {f"{row['id']} {key}": bar for key, bar in _bars(row, view["patients"], most_fail).items()}
        numbers[f"switch {row['id']}"] = _on(row["on"])
        if row["reading"]:
            numbers[f"reading {row['id']}"] = row["reading"]["short"]
    for block in view["headline"]:
        numbers |= {f"headline {block['id']} {part}": block[part] for part in ("label", "value")}
        numbers[f"headline {block['id']} detail"] = " · ".join(block["detail"])
    numbers |= {f"switch {row['id']}": _on(row["on"]) for row in view["aside"]["rows"]}
    bars |= {f"tally {part}": bar for part, bar in _one_after_another(view["tally"], ("eligible", "undetermined"), view["patients"]).items()}
    numbers |= {f"order {order['id']}": _on(order["on"]) for order in view["orders"]}
    for handle in handles(view):
        numbers |= {f"{what} {handle['name']}": handle["texts"][handle["at"]] for what in ("value", "said of")}
    numbers |= {f"fact {fact['label']}": fact["value"] for fact in (view["open"] or {}).get("facts", ())}
    return Told(numbers, bars, most_fail)


def handles(view: dict[str, Any]) -> list[dict[str, Any]]:
    """Every line that can be moved."""
    scales = [scale for row in view["rows"] for line in row["lines"] for scale in line["scales"]]
    scales += [*view["shared"], *(row["scale"] for row in view["aside"]["rows"] if row["scale"]), *(view["open"] or {}).get("scales", ())]
    return [handle for scale in scales for handle in scale["handles"]]


def differences(page: Shown, core: Told) -> list[str]:
    """Where page and core do not show the same, in words."""
    pairs = ((key, page.numbers.get(key), core.numbers.get(key)) for key in sorted({*page.numbers, *core.numbers}))
    said = [f"{key}: the page says {here!r}, the core {there!r}" for key, here, there in pairs if here != there]
    drawn = [f"{key}: its bar is drawn without reason" for key in page.bars.keys() - core.bars.keys()]
    for key, (start, end, whole) in page.bars.items():
        if key in core.bars:
            from_, to = (part * whole for part in core.bars[key])
            if abs(start - from_) > EXACTLY or abs(end - max(to, from_ + SHORTEST if key.endswith("fails") and to > from_ else 0)) > EXACTLY:
                drawn.append(f"{key}: its bar is drawn from {start:.1f} to {end:.1f}, it should be from {from_:.1f} to {to:.1f}")
    return said + drawn


def _of_row(row: dict[str, Any]) -> Numbers:
    numbers = {"saved": row["saved"]}
    if row["loss"]:
        numbers |= {"fails": _whole(row["loss"]["fails"]), "unknown": _whole(row["loss"]["unknown"])}
        numbers |= {"gain": _signed(row["loss"]["gain"]), "share": row["loss"]["share"]}
    if row["step"]:
        numbers |= {name: _whole(row["step"][name]) for name in ("eligible", "undetermined", "lost")}
    if len(row["lines"]) > 1:
        numbers |= {f"line {at} {name}": _whole(line[name]) for at, line in enumerate(row["lines"]) for name in ("fails", "unknown")}
    return numbers


def _bars(row: dict[str, Any], patients: int, most_fail: int) -> dict[str, tuple[float, float]]:
    bars = {}
    if row["loss"]:
        bars["fails"] = 0.0, row["loss"]["fails"] / most_fail
    if row["step"]:
        bars |= _one_after_another(row["step"], ("eligible", "undetermined", "lost"), patients)
    if len(row["lines"]) > 1:
        bars |= {f"line {at} fails": (0.0, (line["fails"] or 0) / most_fail) for at, line in enumerate(row["lines"])}
    return bars


def _one_after_another(counts: dict[str, int], names: tuple[str, ...], patients: int) -> dict[str, tuple[float, float]]:
    ends = [sum(counts[name] for name in names[:place]) / patients for place in range(len(names) + 1)]
    return {name: (ends[place], ends[place + 1]) for place, name in enumerate(names)}


def _whole(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


def _signed(number: int) -> str:
    return f"{'+' if number > 0 else '−' if number < 0 else ''}{abs(number):,}"


def _on(on: bool) -> str:
    return "on" if on else "off"
