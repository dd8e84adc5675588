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


OPENING = """Dear {{ first_name }},

thank you for reading. Here is [how the letter
works](https://example.org/a), and **why**.

- Please do not start, change or
  stop a treatment. Ask first.
- Wait.
"""


def test_the_sentences_of_markdown_are_whole_and_as_readers_read_them():
    assert sentences_of(OPENING, "opening") == [
        "Dear Sam,",
        "thank you for reading.",
        "Here is how the letter works, and why.",
        "Please do not start, change or stop a treatment.",
        "Ask first.",
        "Wait.",
    ]


def replaced(sentence, words):
    return with_sentence_replaced(OPENING, sentence, words, "opening")


@pytest.mark.parametrize(
    ("sentence", "words", "before", "after"),
    [
        ("Dear Sam,", "Hello Sam,", "Dear {{", "Hello {{"),
        ("Dear Sam,", "Dear reader,", "{{ first_name }}", "reader"),
        ("thank you for reading.", "Thanks.", "thank you for reading.", "Thanks."),
        (
            "Here is how the letter works, and why.",
            "This is how the letter works, and why.",
            "Here is [",
            "This is [",
        ),
        ("Here is how the letter works, and why.", "Here is how it works, and why.", "the letter\n", "it\n"),
        ("Here is how the letter works, and why.", "Here is how the letter works.", ", and **why**", ""),
        (
            "Here is how the letter works, and why.",
            "Nothing.",
            OPENING[OPENING.index("Here") : OPENING.index("\n\n- ")],
            "Nothing.",
        ),
        (
            "Please do not start, change or stop a treatment.",
            "Please do not stop a treatment.",
            " start, change or",
            "",
        ),
        ("Ask first.", "", " Ask first.", ""),
        ("Wait.", "", "- Wait.\n", ""),
        ("Dear Sam,", "", "Dear {{ first_name }},\n\n", ""),
        ("Wait.", "Wait for 2 * 3 days.", "Wait.", "Wait for 2 * 3 days."),
        ("Wait.", "*Wait* [now](x).", "Wait.", "\\*Wait\\* \\[now\\](x)."),
        ("Wait.", "1. Wait.", "Wait.", "1\\. Wait."),
    ],
)
def test_words_are_replaced_in_markdown_and_links_and_placeholders_stay(sentence, words, before, after):
    assert OPENING.count(before) == 1
    assert replaced(sentence, words).rstrip() == OPENING.replace(before, after).rstrip()


def test_words_that_cannot_stand_where_the_marks_are_are_refused():
    with pytest.raises(Refused, match="links or formatting"):
        with_sentence_replaced(
            "See <https://example.org/>.", "See https://example.org/.", "See this.", "body"
        )


def test_a_text_that_is_no_markdown_is_not_read_as_markdown():
    assert sentences_of("A *star* is [bright](x).", "headline") == ["A *star* is [bright](x)."]
