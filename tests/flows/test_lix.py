"""LIX as one counts it by hand."""

from __future__ import annotations

import pytest

from bot.flows import plain_danish
from bot.flows.lix import lix


@pytest.mark.parametrize(
    ("text", "words", "sentences", "long"),
    [
        ("Hvad er svært i dag?", 5, 1, 0),
        ("Hvad går godt? Giv gerne et eksempel.", 7, 2, 1),
        ("Kommunen hjælper foreninger.", 3, 1, 3),
        ("Vi mødes kl. 19 i salen.", 6, 1, 0),
        ("Vi mødes den 3. maj.", 5, 1, 0),
        ("Tænk fem år frem, til nr. 5. Så er vi der.", 11, 2, 0),
        ("Vi har bl.a. en bus og f.eks. mad.", 8, 1, 0),
        ("Ja! Nej? Måske …", 3, 3, 0),
        ("Linje uden punktum\nOg én til", 6, 2, 1),
        ("Børn-og-unge er ét ord", 4, 1, 1),
    ],
)
def test_lix_is_words_per_sentence_and_the_share_of_long_words(
    text: str, words: int, sentences: int, long: int
) -> None:
    assert lix(text) == pytest.approx(words / sentences + 100 * long / words)


@pytest.mark.parametrize("text", ["", "   ", "?!", "…"])
def test_a_text_without_words_is_not_hard(text: str) -> None:
    assert lix(text) == 0.0


@pytest.mark.parametrize(
    ("text", "is_wrong"),
    [
        ("Tryk på «Send».", True),
        ("«Send» og «Gem»", True),
        ("Tryk på »Send«.", False),
        ("»Nordby IF« ligner »Nordby Idræt«.", False),
        ("Vælg »A«, »B« eller »C«.", False),
    ],
)
def test_quotes_that_point_outwards_are_told_from_what_stands_between_two_right_ones(text: str, is_wrong: bool) -> None:
    assert bool(list(plain_danish.faults(text))) is is_wrong
