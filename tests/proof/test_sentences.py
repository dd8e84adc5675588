"""People comment on a sentence, and only that sentence is replaced, wherever it stands."""

import pytest

from newsletter.errors import Refused
from newsletter.proof.sentences import sentences_of, with_sentence_replaced


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Dr. Okafor read it. She agrees.", ["Dr. Okafor read it.", "She agrees."]),
        ("Without an end", ["Without an end"]),
        ("Dear reader,\n\nthis is *new*. Read it.\n", ["Dear reader,", "this is *new*.", "Read it."]),
        ("  Spaces around.  And between.  ", ["Spaces around.", "And between."]),
        ("最初の文。次の文。", ["最初の文。", "次の文。"]),
        ("", []),
        (" \n \n", []),
    ],
)
def test_a_text_is_cut_into_its_sentences(text, sentences):
    assert sentences_of(text) == sentences


def test_every_sentence_stands_in_the_text_as_it_is():
    text = "A first sentence. A second one, with “quotes.” And (perhaps) a third!\n- a line\n- another. Done."
    assert all(each in text for each in sentences_of(text))


def test_only_the_sentence_is_replaced():
    text = "It cures. It helps most people.\n\nAsk your doctor."
    assert (
        with_sentence_replaced(text, "It cures.", "It may help.")
        == "It may help. It helps most people.\n\nAsk your doctor."
    )
    assert with_sentence_replaced(text, "It cures.", "") == "It helps most people.\n\nAsk your doctor."


@pytest.mark.parametrize("now", ["Sadly it cures.", "It cures all.", "It helps.", "it cures.", ""])
def test_a_sentence_that_has_changed_is_not_replaced(now):
    with pytest.raises(Refused, match="has changed"):
        with_sentence_replaced(now, "It cures.", "It may help.")


def test_of_two_equal_sentences_none_is_replaced():
    with pytest.raises(Refused, match="more than once"):
        with_sentence_replaced("Read on. It is new. Read on.", "Read on.", "Go on.")
