"""Workbooks made of their parts, so that each part can lie."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable, Iterable
from xml.sax.saxutils import escape

from fuzzing.case import Case, one
from fuzzing.damage import damaged
from fuzzing.hostile_texts import CELLS, HEADERS, NAMES
from fuzzing.seeds import Rows, held, wide

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(10))

Parts = dict[str, bytes]
FAR_CELLS = ("XFD1048576", "A1048576", "XFD1", "A99999999999", "ZZZZZZZ1", "AAAA1", "A0", "0", "", "1A", "a1", "A-1", "$A$1", "A1:B2", "Z1048577", "XFE1",
    "A4294967297", "BZZZ900000", "É1")


def column_letters(place: int) -> str:
    letters = ""
    while place >= 0:
        letters, place = chr(65 + place % 26) + letters, place // 26 - 1
    return letters


def cell(reference: str, value: str, kind: str = "inlineStr") -> str:
    inside = f"<is><t>{escape(_allowed(value))}</t></is>" if kind == "inlineStr" else f"<v>{escape(_allowed(value))}</v>"
    return f'<c{f" r={chr(34)}{reference}{chr(34)}" if reference else ""} t="{kind}">{inside}</c>'


def _allowed(text: str) -> str:
    return "".join(sign for sign in text if sign >= " " or sign in "\t\n\r")


def sheet(rows: Iterable[str], before: str = "", after: str = "") -> str:
    return f'{HEAD}<worksheet xmlns="{MAIN}">{before}<sheetData>{"".join(rows)}</sheetData>{after}</worksheet>'


def rows_of(table: Rows, kind: str = "") -> list[str]:
    made = []
    for number, row in enumerate(table, 1):
        cells = (cell(f"{column_letters(place)}{number}", text, kind or ("n" if _number(text) else "inlineStr")) for place, text in enumerate(row) if text)
        made.append(f'<row r="{number}">{"".join(cells)}</row>')
    return made


def _number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal() and text.isascii()


def parts(sheets: dict[str, str], strings: Iterable[str] | None = None) -> Parts:
    """The parts of a workbook whose sheets have this XML."""
    names = list(sheets)
    types = "".join(f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{KIND}.worksheet+xml"/>' for n in range(1, len(names) + 1))
    listed = "".join(f'<sheet name="{escape(_allowed(name), {chr(34): "&quot;"})}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(names, 1))
    targets = "".join(f'<Relationship Id="rId{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in range(1, len(names) + 1))
    held_parts = {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{KIND}.sheet.main+xml"/>{types}</Types>',
        "_rels/.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{OFFICE}/officeDocument" '
        f'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{targets}'
        f'<Relationship Id="rId90" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="rId91" Type="{OFFICE}/styles" '
        f'Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'{HEAD}<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy-mm-dd"/></numFmts>'
        '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>',
    }
    if strings is not None:
        held_parts["xl/sharedStrings.xml"] = f'{HEAD}<sst xmlns="{MAIN}">{"".join(f"<si><t>{escape(_allowed(text))}</t></si>" for text in strings)}</sst>'
    return {name: text.encode() for name, text in held_parts.items()} | {f"xl/worksheets/sheet{n}.xml": sheets[name].encode() for n,
        name in enumerate(names, 1)}


def zipped(held_parts: Parts, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    held_bytes = io.BytesIO()
    with zipfile.ZipFile(held_bytes, "w", method) as archive:
        for name, data in held_parts.items():
            archive.writestr(name, data)
    return held_bytes.getvalue()


def seed_parts(patients: int = 12) -> Parts:
    return parts({"patients": sheet(rows_of(wide(patients)))})


SHEET = "xl/worksheets/sheet1.xml"


def far_cells(chance: random.Random) -> Parts:
    """References that do not exist, lie far apart, or contradict their row."""
    rows = rows_of(wide())
    for _ in range(chance.choice((1, 1, 3))):
        reference = chance.choice(FAR_CELLS)
        number = chance.choice((reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") or "1", "3", "1048576", "99999999999", "-1", "", "x", "4294967295"))
        rows.insert(chance.choice((0, len(rows))), f'<row r="{number}">{cell(reference, "x", chance.choice(("inlineStr", "n", "str")))}</row>')
    return parts({"patients": sheet(rows)})


def a_lying_dimension(chance: random.Random) -> Parts:
    reference = chance.choice(("A1", "A1:XFD1048576", "A1:ZZZZZ99999999", "B2:A1", "", "A0:A0", "x", "A1:A1:A1", "A1:XFD60", "A1048576:XFD1048576"))
    return parts({"patients": sheet(rows_of(wide()), f'<dimension ref="{reference}"/>')})


def cells_of_odd_types(chance: random.Random) -> Parts:
    table = wide()
    rows = rows_of(table)
    for _ in range(chance.choice((1, 5, 40))):
        row, place = chance.randrange(1, len(table) + 1), chance.randrange(len(table[0]))
        kind = chance.choice(("s", "b", "e", "d", "n", "str", "inlineStr", "x", ""))
        value = chance.choice((*CELLS, "0", "1", "99999", "-1", "1e400", "nan", "2026-01-31", "2026-01-31T00:00:00Z", "#N/A", "#DIV/0!", "4294967296", "1.5",
            "TRUE"))
        style = chance.choice(("", ' s="1"', ' s="1"', ' s="99999"', ' s="-1"'))
        inside = f"<v>{escape(_allowed(value))}</v>" + chance.choice(("", "<f>1+1</f>", '<f t="shared" si="0"/>', '<f t="array" ref="A1:XFD1048576">1</f>'))
        rows[row - 1] = rows[row - 1].replace("</row>", f'<c r="{column_letters(place)}{row}" t="{kind}"{style}>{inside}</c></row>')
    return parts({"patients": sheet(rows)}, ["a", "b"])


def hostile_cells(chance: random.Random) -> Parts:
    table = wide()
    for _ in range(chance.choice((3, 40))):
        chance.choice(table)[chance.randrange(len(table[0]))] = chance.choice((*CELLS, *HEADERS))
    return parts({chance.choice(("patients", "", "a: b", *CELLS[-60:])): sheet(rows_of(table))})


def days_as_numbers(chance: random.Random) -> Parts:
    """Cells shown as dates with numbers no calendar has."""
    table = wide()
    rows = rows_of(table)
    for row in range(2, len(table) + 1):
        number = chance.choice(("0", "1", "60", "61", "-1", "45999.99999", "2958465", "2958466", "1e9", "1e300", "-1e300", "nan", "0.5"))
        rows[row - 1] = rows[row - 1].replace("</row>", f'<c r="C{row}" s="1"><v>{number}</v></c></row>')
    book = parts({"patients": sheet(rows)})
    if chance.random() < 0.4:
        book["xl/workbook.xml"] = book["xl/workbook.xml"].replace(b"<sheets>", b'<workbookPr date1904="1"/><sheets>')
    return book


def shared_strings(chance: random.Random) -> Parts:
    """Texts by their number, with numbers that are not there, lists that lie."""
    table = wide()
    texts = list(dict.fromkeys(text for row in table for text in row))
    indexed = [[str(texts.index(text) + (chance.random() < 0.02) * chance.choice((10_000, -1_000, 2**31, 2**63))) for text in row] for row in table]
    book = parts({"patients": sheet(rows_of(indexed, "s"))}, texts)
    strings = book["xl/sharedStrings.xml"]
    book["xl/sharedStrings.xml"] = chance.choice((
        strings, strings.replace(b"<sst ", b'<sst count="99999999999" uniqueCount="4294967295" '), strings[: len(strings) // 2], b"",
        strings.replace(b"</si>", b""),
        strings.replace(b"<t>", b"<r><t>").replace(b"</t>", b"</t></r>"), strings.replace(b"<si>", b"<si><si>"),
    ))  # fmt: skip
    return book


def entities(chance: random.Random) -> Parts:
    """Entities that laugh a billion times, or ask for a file of the machine."""
    book = seed_parts()
    target = chance.choice((SHEET, "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"))
    named = chance.choice((LAUGHS, '<!ENTITY l9 SYSTEM "file:///etc/hostname">', '<!ENTITY % p SYSTEM "http://localhost:1/x"> %p;', '<!ENTITY l9 "&l9;">'))
    text = book[target].decode().replace(HEAD, f'<?xml version="1.0"?><!DOCTYPE x [{named}]>')
    book[target] = text.replace("male", "&l9;", 3).replace("patients", "&l9;").encode()
    return book


def parts_lost_or_wrong(chance: random.Random) -> Parts:
    book = seed_parts() | {"xl/worksheets/sheet2.xml": sheet(rows_of(wide())).encode()}
    name = chance.choice(list(book))
    way = chance.randrange(7)
    if way == 0:
        del book[name]
    elif way == 1:
        book[name] = b""
    elif way == 2:
        book[name] = book[chance.choice(list(book))]
    elif way == 3:
        book[chance.choice(("../../evil", "/xl/workbook.xml", "XL/Workbook.xml", "xl\\workbook.xml", "xl/worksheets/sheet1.xml ", "a" * 60_000))] = book[name]
    elif way == 4:
        target = chance.choice(("../../../../etc/passwd", "/xl/worksheets/sheet1.xml", "worksheets/sheet9.xml", "", "http://localhost:1/", "workbook.xml",
            "../[Content_Types].xml")).encode()
        book["xl/_rels/workbook.xml.rels"] = book["xl/_rels/workbook.xml.rels"].replace(b"worksheets/sheet1.xml", target)
    else:
        _, book[name] = damaged(chance, book[name])
    return book


def xml_changed(chance: random.Random) -> Parts:
    """Tags and attributes of the sheet taken away, doubled or nested."""
    book = seed_parts()
    text = book[SHEET].decode()
    for _ in range(chance.choice((1, 3))):
        old, new = chance.choice((
            ("</row>", ""), ("<row ", "<row><row "), ("<c ", "<x "), ("</c>", "</c></c>"), ("<v>", "<v><v>"), ("</sheetData>", ""),
            ("<sheetData>", "<sheetData>" * 3), ("<t>", "<t xml:space='x'>"),
            (' r="', ' R="'), (' r="', " r="), (' t="inlineStr"', ""), ("<is>", "<is><r><rPr/></r>"), ("<is>", "<is><rPh><t>x</t></rPh>"), (MAIN, "urn:x"),
            (HEAD, ""), (HEAD, HEAD * 2),
            ("UTF-8", "UTF-16"), ("<worksheet", "<!-- " + "x" * 5000 + " --><worksheet"), ("<c ", "<![CDATA[<c "),
                ("</worksheet>", "</worksheet><worksheet/>"), ("<row", "<sheetData><row"), ("<c ", "<c><c "),
        ))  # fmt: skip
        text = text.replace(old, new, chance.choice((1, 2, -1)))
    book[SHEET] = text.encode()
    return book


def merged_and_many_sheets(chance: random.Random) -> Parts:
    areas = "".join(f'<mergeCell ref="{each}"/>' for each in chance.sample(("A1:B1", "A1:XFD1048576", "B2:A1", "x", "", "A1:A99999999999", "C1:D400"), 3))
    names = [chance.choice(("patients", f"s{n}", f"labs {n}", "a: b", "x" * 40)) + "'" * n for n in range(chance.choice((1, 3, 60)))]
    sheets = {name: sheet(rows_of(wide()) if n < 3 else [], after=f"<mergeCells>{areas}</mergeCells>") for n, name in enumerate(names)}
    book = parts(sheets)
    if chance.random() < 0.5:
        state = chance.choice(("hidden", "veryHidden", "x")).encode()
        book["xl/workbook.xml"] = book["xl/workbook.xml"].replace(b"<sheet ", b'<sheet state="%s" ' % state, chance.choice((1, -1)))
    return book


def many_cells(chance: random.Random) -> Parts:
    """A small file of many declared cells, without references or with."""
    row = "<c><v>1</v></c>" * chance.choice((10, 300, 5000, 20_000))
    count = chance.choice((200, 3_000, 1_000_000 // len(row) + 1, 30_000_000 // len(row)))
    return parts({"patients": sheet([rows_of(wide())[0], *(f"<row>{row}</row>" for _ in range(count))])})


def a_great_cell(chance: random.Random) -> Parts:
    return parts({"patients": sheet([*rows_of(wide()), f"<row>{cell('', chance.choice('x9 ') * chance.choice((40_000, 1_000_000, 60_000_000)))}</row>"])})


def strict_and_styles(chance: random.Random) -> Parts:
    book = seed_parts()
    style = chance.choice(('formatCode="yyyy-mm-dd' + "d" * 5000, 'formatCode="[h]:mm', 'formatCode="[Red][<1]0;[>5]@', 'formatCode="',
        'numFmtId="99999999999'))
    book["xl/styles.xml"] = book["xl/styles.xml"].replace(b'formatCode="yyyy-mm-dd', style.encode())
    book[SHEET] = book[SHEET].replace(b't="n"', chance.choice((b's="1"', b's="99"', b's="x"')))
    return book


PARTS: tuple[tuple[Callable[[random.Random], Parts], int], ...] = (
    (far_cells, 6), (a_lying_dimension, 3), (cells_of_odd_types, 5), (hostile_cells, 5), (days_as_numbers, 3), (shared_strings, 4), (entities, 3),
    (parts_lost_or_wrong, 6),
    (xml_changed, 5), (merged_and_many_sheets, 3), (many_cells, 1), (a_great_cell, 1), (strict_and_styles, 2),
)  # fmt: skip


def hostile_workbook(chance: random.Random) -> Case:
    """A workbook with a part that lies, or damaged as a file."""
    draw = chance.random()
    if draw < 0.12:
        how, data = damaged(chance, zipped(seed_parts(), chance.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))))
        return one(f"workbook: {how}", "small.xlsx", data)
    if draw < 0.24:
        how, data = damaged(chance, held("small.xls"))
        return one(f"xls: {how}", "small.xls", data)
    if draw < 0.36:
        return one("ods: contents", "small.ods", zipped(_ods(chance)))
    way = chance.choices([way for way, _ in PARTS], [weight for _, weight in PARTS])[0]
    name = chance.choice(("small.xlsx", "small.xlsx", "small.xlsx", *NAMES))
    return one(f"workbook: {way.__name__.replace('_', ' ')}", name,
        zipped(way(chance), chance.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))))


def _ods(chance: random.Random) -> Parts:
    """An OpenDocument sheet, whose cells and rows say how often they are repeated."""
    spaces = "".join(f' xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"' for short in ("office", "table", "text"))

    def often(what: str) -> str:
        count = chance.choice(("2", "0", "-1", "16384", "1048576", "99999999999", "x", "4294967296"))
        return f' table:number-{what}-repeated="{count}"' if chance.random() < 0.01 else ""

    def made(text: str) -> str:
        kind = chance.choice(("string", "float", "date", "boolean", "percentage", "time", "x")) if chance.random() < 0.02 else "string"
        value = escape(_allowed(chance.choice(CELLS) if chance.random() < 0.01 else text), {'"': "&quot;"})
        said = f'office:value-type="{kind}" office:value="{value}" office:date-value="{value}"{often("columns")}'
        return f"<table:table-cell {said}><text:p>{value}</text:p></table:table-cell>"

    rows = "".join(f"<table:table-row{often('rows')}>{''.join(made(text) for text in row)}</table:table-row>" for row in wide())
    if chance.random() < 0.3:
        count = chance.choice((1048564, 10**12))
        rows += f'<table:table-row table:number-rows-repeated="{count}"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    body = f'<office:body><office:spreadsheet><table:table table:name="patients">{rows}</table:table></office:spreadsheet></office:body>'
    kind, namespace = "application/vnd.oasis.opendocument.spreadsheet", "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    entry = f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
    book = {
        "mimetype": kind.encode(),
        "META-INF/manifest.xml": f'{HEAD}<manifest:manifest xmlns:manifest="{namespace}">{entry}</manifest:manifest>'.encode(),
        "content.xml": f"{HEAD}<office:document-content{spaces}>{body}</office:document-content>".encode(),
    }
    if chance.random() < 0.3:
        name = chance.choice(list(book))
        _, book[name] = damaged(chance, book[name])
    return book
