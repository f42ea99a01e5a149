"""Small text files that were uploaded: a protocol, a mapping."""

from __future__ import annotations

from streamlit.runtime.uploaded_file_manager import UploadedFile

from feasibility.problems import Problem, Unusable


def text_in(given: UploadedFile) -> str:
    """The file's text, without the mark some editors put before it. Raises ``Unusable`` where it is not UTF-8."""
    try:
        return given.getvalue().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unusable([Problem("error", given.name, "cannot be read: it is not UTF-8 text.", "Save it as UTF-8 and load it again.")]) from None
