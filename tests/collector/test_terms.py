"""Terms are found as words, in every script that the monitor reads."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.sources.terms import TermMatcher


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("metoo", "Why #MeToo! matters"),
        ("#MeToo", "the metoo movement"),
        ("#MeToo", "\\#METOO and _metoo_"),
        ("me too", "Me-too, they said"),
        ("me too", "me\ntoo"),
        ("me_too", "\\#Me\\_Too"),
        ("मी टू", "#मी टू आंदोलन"),
        ("आंदोलन", "मी टू आंदोलन।"),
        ("ज़रूर", "जरूर बोलो"),
        ("می ٹو", "(می  ٹو) تحریک"),
        ("می ٹو", "مي ٹو"),
        ("عورت مارچ", "#عورت مارچ"),
        ("حق", "حَقّ"),
        ("metoo", "metoo✊️"),
        ("straße", "STRASSE"),
    ],
)
def test_finds_term(term: str, text: str) -> None:
    assert TermMatcher([term]).matches(text)


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("metoo", "sometool"),
        ("metoo", "#MeToo2018"),
        ("#MeToo", "me too"),
        ("me too", "#MeToo"),
        ("me too", "Trust me. Too late"),
        ("मी", "मीठा"),
        ("टू", "टूट"),
        ("می", "میں"),
        ("!!", "a !! b"),
        ("", "anything"),
    ],
)
def test_leaves_what_only_resembles_it(term: str, text: str) -> None:
    assert not TermMatcher([term]).matches(text)


@settings(deadline=None)
@given(st.text())
def test_takes_any_text(text: str) -> None:
    matcher = TermMatcher(["metoo", text])
    assert matcher.matches(f"{text} metoo")
