"""What surrounds every page: the set-up, the guard, the line that says what is loaded."""

from __future__ import annotations

import streamlit as st

from feasibility import wording
from feasibility.figures.style import DARK, LIGHT, Palette
from feasibility.ui.session import Session

SET_UP, ASKED_FOR = "app was set up", "page asked for"
STYLE = """
<style>
[data-testid="stHeader"], [data-testid="stToolbar"] { height: 2.9rem; min-height: 0; }
[data-testid="stMainBlockContainer"] { padding: 2.9rem 1.5rem 0.5rem; }
.st-key-ledger { --above: 6.2rem; } /* what stands above the ledger and below it */
[data-testid="stMainBlockContainer"] > [data-testid="stVerticalBlock"] { gap: 0.5rem; }
@media (min-width: 64rem) { .st-key-toolbar { flex-wrap: nowrap; } } /* what is loaded takes a second line sooner than the last button does */
.st-key-toolbar button, .st-key-chips button { min-height: 2rem; padding-top: 0.15rem; padding-bottom: 0.15rem; }
.st-key-chips { min-height: 2.3rem; }
.st-key-takes [data-testid="stElementContainer"]:has(button) { height: 30px; } /* a button a row of the picture beside it */
.st-key-history-keys { display: none; }
.above-takes { display: flex; align-items: end; justify-content: center; text-align: center; font-size: 0.85rem; opacity: 0.75; }
.st-key-takes button, .st-key-path button, .st-key-bars button { min-height: 26px; height: 26px; padding-top: 0; padding-bottom: 0; }
@media (min-width: 64rem) { .st-key-bars { flex-wrap: nowrap; } }
.st-key-bars { min-height: 2.8rem; } /* so that the picture stays where it is when a bar is pressed */
/* What stands beside each other belongs together in a narrow window too. */
.st-key-path p { overflow-wrap: normal; }
.st-key-path [data-testid="stColumn"], .st-key-sets > [data-testid="stHorizontalBlock"] > [data-testid="stColumn"] { min-width: 0; }
.st-key-path [data-testid="stHorizontalBlock"] { border-bottom: 1px solid rgba(128, 128, 128, 0.25); padding: 2px 0; }
[class*="st-key-more-"] { position: relative; min-height: 0; max-height: 0; overflow: visible; z-index: 2; pointer-events: none; }
/* It lies over the title in the picture beneath: only the sign behind it is seen. */
[class*="st-key-more-"] p { visibility: hidden; padding: 0.4rem 0 0 0.6rem; font-size: 16px; }
[class*="st-key-more-"] button { visibility: visible; pointer-events: auto; }
[class*="st-key-stages-"] [data-testid="stElementToolbar"], [class*="st-key-may-move-"] [data-testid="stElementToolbar"] {
  display: none; /* it would lie over the buttons above these tables */
}
.st-key-found { /* it fades where there is more of it */
  max-height: 56vh; overflow-y: auto; flex-wrap: nowrap; padding-bottom: 3rem;
  mask-image: linear-gradient(to bottom, black calc(100% - 3rem), transparent);
}
</style>
"""


def set_up() -> None:
    """Run by app.py before any page."""
    st.set_page_config(page_title="Protocol feasibility", page_icon="⚖", layout="wide", menu_items={})
    st.session_state[SET_UP] = True
    st.html(STYLE)


def guard(page: str) -> None:
    """Run by every page first: a page opened directly on a cold server runs without app.py, so it goes there and comes back, with what its link asks for."""
    if SET_UP not in st.session_state:
        st.session_state[ASKED_FOR] = page, st.query_params.to_dict()
        st.switch_page("app.py")


def come_back() -> None:
    """Run by app.py once the pages are known: on to the page that was asked for without it."""
    if ASKED_FOR in st.session_state:
        page, asked = st.session_state.pop(ASKED_FOR)
        st.switch_page(page, query_params=asked)


def palette() -> Palette:
    return DARK if st.context.theme.type == "dark" else LIGHT


def messages(session: Session) -> None:
    """A refused change and a link's problems: said once."""
    if session.refused:
        st.warning(wording.plain(session.refused))
        session.refused = ""
    link_problems(session)


def link_problems(session: Session) -> None:
    """What a link asked for that this protocol does not know: said once."""
    for problem in session.link_problems:
        st.warning(wording.plain(problem))
    session.link_problems = ()
