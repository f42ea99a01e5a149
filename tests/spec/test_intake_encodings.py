"""Text in any usual encoding is read as it was written, and what was assumed is said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spec.reading import read_table

from feasibility.intake.files.encodings import encoding_of
from feasibility.problems import Unusable

SAMPLES: dict[str, tuple[str, tuple[str, ...]]] = {
    "µmol/L alone": ("patient_id,creatinine (µmol/L)\nP1,88\nP2,99\n", ("cp1252", "latin-1", "utf-16", "utf-8-sig")),
    "degrees and powers": ("patient_id,temp (°C),bmi (kg/m²)\nP1,37,24\nP2,38,25\n", ("cp1252",)),
    "dashes and euros": ("patient_id,t2dm,cost\nP1,–,5 €\nP2,yes,7 €\n", ("cp1252",)),
    "German": (
        "Fallnummer;Männlich;Körpergröße;Diagnose\n1;ja;180;Niereninsuffizienz, präterminal, früher Äthylabusus\n",
        ("cp1252", "latin-1", "cp850", "mac_roman"),
    ),
    "one German word": ("id;Größe\n1;170\n2;165\n", ("cp1252", "latin-1")),
    "French": ("numéro;décès;créatininémie\n1;non;élevée après prélèvement, à revoir\n2;oui;contrôlée, hôpital privé\n", ("cp1252",)),
    "Spanish": ("número;años;edad;diagnóstico\n1;España;60;nefropatía diabética, también retinopatía\n2;sí;71;mañana\n", ("cp1252",)),
    "Portuguese": ("número;observações\n1;não há alterações, função renal mantida\n2;pressão arterial, coração\n", ("cp1252",)),
    "Polish": ("pacjent;płeć\n1;mężczyzna, ból głowy\n2;kobieta, żółtaczka, nadciśnienie tętnicze\n", ("cp1250",)),
    "Russian": ("пациент;пол;давление\n1;мужской;высокое\n2;женский;в норме\n", ("cp1251", "koi8_r")),
    "Chinese": (
        "患者编号,性别,既往史\n1,男,高血压病史十年，口服药物治疗\n2,女,未检出异常\n",
        ("gb18030", "gbk", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"),
    ),
    "one Chinese word": ("patient_id,性别\n1,M\n2,F\n", ("gb18030", "utf-16-le", "utf-16-be")),
    "Chinese, traditional": ("病歷號,性別,病史\n1,男,高血壓病史十年，目前服藥控制\n2,女,未檢出異常\n", ("big5",)),
    "Japanese": ("患者番号,性別,備考\n1,男性,高血圧の治療中です\n2,女性,データなし\n", ("shift_jis", "euc_jp")),
}
CASES = [(what, encoding) for what, (_, encodings) in SAMPLES.items() for encoding in encodings]


@pytest.mark.parametrize("times", [1, 40], ids=["short", "long"])
@pytest.mark.parametrize(("what", "encoding"), CASES)
def test_text_is_read_as_it_was_written(what: str, encoding: str, times: int) -> None:
    header, _, body = SAMPLES[what][0].partition("\n")
    text = header + "\n" + body * times
    table = read_table("x.csv", text.encode(encoding))
    delimiter = ";" if ";" in header else ","
    assert list(table.columns) == header.split(delimiter)
    assert [column.to_pylist()[0] for column in table.columns.values()] == body.split("\n")[0].split(delimiter)
    assert encoding.startswith("utf-8") == (table.problems == ())


def test_what_was_assumed_is_said() -> None:
    (problem,) = read_table("x.csv", SAMPLES["German"][0].encode("cp1252")).problems
    assert str(problem) == "x.csv: the text is not UTF-8; it was read as Latin-1 (Windows-1252). Save it as UTF-8 if characters look wrong."


def test_what_is_not_certain_is_a_warning() -> None:
    (problem,) = read_table("x.csv", b"patient_id,note\nP1,\xb3\xa8x\xa5\nP2,z\xa6\xa8\n").problems
    assert problem.severity == "warning"
    assert "for want of a likelier reading" in problem.message


@pytest.mark.parametrize("encoding", ["latin-1", "gb18030"])
@pytest.mark.parametrize("rows_before", [5, 200_000])
def test_lines_in_another_encoding_are_read_in_it_and_the_others_stay(encoding: str, rows_before: int) -> None:
    word = {"latin-1": "Zürich, Universitätsspital", "gb18030": "上海市第一人民医院"}[encoding]
    head = "patient_id;site\n" + "P;Genève\n" * rows_before
    table = read_table("x.csv", head.encode() + f"X;{word}\n".encode(encoding) + "Y;Genève\n".encode())
    assert table.columns["site"].to_pylist()[-3:] == ["Genève", word, "Genève"]
    (problem,) = table.problems
    assert f"some lines (the first is line {rows_before + 2:,}) are not UTF-8" in problem.message


def test_text_that_is_not_all_in_the_encoding_of_its_beginning_is_read() -> None:
    text = "患者编号,备注\n1,高血压病史十年\n".encode("gb18030") * 40_000 + b"2,\x80\xff\n"
    table = read_table("x.csv", text)
    assert table.columns["备注"].to_pylist()[0] == "高血压病史十年"
    assert any(problem.severity == "warning" and "are not" in problem.message for problem in table.problems)


@pytest.mark.parametrize("place", [20, 100])
def test_zero_bytes_are_said(place: int) -> None:
    text = b"patient_id,age\n" + b"P1,60\n" * 50
    with pytest.raises(Unusable, match="zero bytes"):
        read_table("x.csv", text[:place] + b"\x00" + text[place:])


@given(st.binary(max_size=300))
def test_any_bytes_have_an_encoding_or_none(head: bytes) -> None:
    found = encoding_of(head)
    assert found is None or isinstance(head.decode(found.name, errors="replace"), str)


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=("Cs", "Cc")), max_size=8), min_size=1, max_size=8))
def test_utf8_is_always_utf8(cells: list[str]) -> None:
    found = encoding_of(("a,b\n" + ",".join(cells)).encode())
    assert found is not None
    assert (found.name, found.mixed) == ("utf-8", False)
