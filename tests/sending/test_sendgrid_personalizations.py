"""Building the JSON of many recipients together gives what building it for each of them gives."""

from dataclasses import replace

import orjson
from hypothesis import given
from hypothesis import strategies as st

from newsletter.rendering.merge_tags import MergeValues
from newsletter.sending.outcomes import Rejected
from newsletter.sending.transport import Envelope
from newsletter.sending.transports.sendgrid_personalizations import personalizations
from newsletter.sending.transports.sendgrid_request import built_for, personalizer
from tests.sending.example_emails import an_email, post_to

TAGS = ["FIRST_NAME", "UNSUBSCRIBE_URL", "PREFERENCES_URL", "READ_ONLINE_URL", "USEFUL_URL"]
EMAIL = an_email(
    html=" ".join(f"*|{tag}|*" for tag in TAGS), text=" ".join(f"*|{tag}_TEXT|*" for tag in TAGS)
)

words = st.one_of(
    st.sampled_from(
        ["", "Ana", "Jean-Luc", "María José", "Élodie", "Łukasz", "R2-D2", "李明", "محمد", "ﬁ", "²"]
    ),
    st.sampled_from(
        ["O'Brien", "Smith, Jr", " Ana", "Ana ", "a  b", "- -", "*|X|*", "=?", "%s", "%", "a\u202eb"]
    ),
    st.text(max_size=90),
)
addresses = st.one_of(
    st.from_regex(r"[a-z0-9.+_-]{1,9}@[a-z0-9.-]{1,9}\.(org|com)", fullmatch=True),
    st.sampled_from(["ana@faß.de", "å@example.com", "o'b@example.com", "a@EXAMPLE.org", '"a b"@example.org']),
    st.sampled_from([f"a@{'x' * 64}.org", "a@-x.org", "a@x..org", f"{'a' * 330}@example.org", "nobody", ""]),
)
ends = st.one_of(st.just("0123"), st.text(alphabet="a0-_%&'\"<~\\ \n=?é", max_size=12))


@st.composite
def envelopes(draw):
    useful = draw(st.booleans())
    extra = draw(st.sampled_from([{}, {"X-Odd": "%d=?", "Content-Type": "text/x"}, {"X-Long": "x" * 950}]))
    people = draw(st.lists(st.tuples(addresses, words, words, ends), min_size=1, max_size=6))
    return [
        Envelope(
            number,
            address,
            name,
            MergeValues(
                f"https://example.org/leave/{number}{end}",
                f"http://example.org/preferences/{number}",
                f"https://example.org/harbour/12/?reader={number}%s",
                first,
                f"https://example.org/useful/{number}/" if useful else "",
            ),
            {"List-Unsubscribe": f"<https://example.org/one-click/{number}{end}>", **extra},
        )
        for number, (address, name, first, end) in enumerate(people, start=1)
    ]


@given(envelopes(), st.sampled_from(["reader", "", "<you>"]))
def test_recipients_built_together_are_as_each_would_be_built_alone(people, fallback):
    post = replace(
        post_to("a@example.com", email=replace(EMAIL, first_name_fallback=fallback)), envelopes=people
    )
    try:
        found = personalizations(post)
    except orjson.JSONEncodeError:
        return  # text that UTF-8 does not have, which the transport reports
    make = personalizer(post)
    alone = {each.recipient: built_for(make, each) for each in people}
    together = dict(zip(found.recipients, orjson.loads(orjson.dumps(found.document)), strict=True))
    assert together | found.rejected == alone
    assert found.rejected == {number: each for number, each in alone.items() if isinstance(each, Rejected)}


def test_only_the_tags_that_the_email_contains_are_given():
    post = post_to(
        "a@example.com",
        "o'brien@example.com",
        email=an_email(html="*|UNSUBSCRIBE_URL|*", text="", subject="x"),
    )
    for person in orjson.loads(orjson.dumps(personalizations(post).document)):
        assert list(person["substitutions"]) == ["*|UNSUBSCRIBE_URL|*"]


def test_a_percent_sign_anywhere_is_given_as_it_is():
    post = post_to("a@example.com", "b@example.com")
    post = replace(
        post, envelopes=[each._replace(headers={"X-Rate": "5 %s %(x)d %%"}) for each in post.envelopes]
    )
    for person in orjson.loads(orjson.dumps(personalizations(post).document)):
        assert person["headers"] == {"X-Rate": "5 %s %(x)d %%"}


def test_among_many_plain_people_an_unusual_one_is_built_as_alone():
    plain = [f"reader.{number}@example.org" for number in range(120)]
    post = post_to(*plain[:70], "o'brien@example.com", *plain[70:])
    people = [
        each._replace(name="Ana O'Brien" if number == 5 else f"Ana Family{number}")
        for number, each in enumerate(post.envelopes)
    ]
    post = replace(post, envelopes=people)
    found = personalizations(post)
    make = personalizer(post)
    together = dict(zip(found.recipients, orjson.loads(orjson.dumps(found.document)), strict=True))
    assert together == {each.recipient: make(each) for each in people}
