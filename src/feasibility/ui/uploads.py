"""Files that were uploaded: the text of small ones, a protocol or a mapping, and why one could not be used."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from feasibility import wording
from feasibility.problems import Problem, Unusable


def text_in(given: UploadedFile) -> str:
    """The file's text, without the mark some editors put before it. Raises ``Unusable`` where it is not UTF-8."""
    try:
        return given.getvalue().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unusable([Problem("error", given.name, "cannot be read: it is not UTF-8 text.", "Save it as UTF-8 and load it again.")]) from None


def refused(error: Unusable) -> None:
    """Why files could not be used; what was loaded before stays."""
    for problem in error.problems:
        st.error(wording.plain(problem))
