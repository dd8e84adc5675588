"""Folding: each event once, whatever is repeated, out of order, strange or broken."""

import time
from datetime import timedelta

import orjson
import pytest
import time_machine
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from newsletter.tracking.models import Event, Link, RawWebhookPost
from newsletter.tracking.process_events import process_posts, prune_set_aside, waiting_posts
from subscribers.models import Subscriber
from subscribers.suppression import reasons
from tests.full import examples

Kind = Event.Kind


def kinds():
    return sorted(Event.objects.values_list("kind", flat=True))


def set_aside():
    return list(RawWebhookPost.objects.exclude(reason="").values_list("reason", flat=True))


def test_a_post_becomes_events_and_is_gone(sent, tell, fold):
    fold([tell("ana", "processed"), tell("ana", "delivered"), tell("ben", "processed")])
    assert kinds() == [Kind.DELIVERED, Kind.PROCESSED, Kind.PROCESSED]
    assert not RawWebhookPost.objects.exists()
    event = Event.objects.get(kind=Kind.DELIVERED)
    assert (event.mailing, event.recipient.subscriber.first_name) == (sent, "Ana")
    assert event.at.timestamp() == tell.start


def test_one_post_is_folded_at_a_time_and_it_says_when_none_is_left(sent, tell, db):
    for name in ("ana", "ben"):
        RawWebhookPost.objects.create(body=orjson.dumps([tell(name, "delivered")]))
    assert waiting_posts() == 2
    assert [process_posts(at_most=1) for _ in range(3)] == [1, 1, 0]
    assert Event.objects.count() == 2


def test_a_repeat_counts_once(sent, tell, fold):
    event = tell("ana", "delivered")
    fold([event, event], [event])
    assert kinds() == [Kind.DELIVERED]


def test_a_repeat_under_another_event_id_counts_once(sent, tell, fold):
    event = tell("ana", "open")
    fold(event, {**event, "sg_event_id": "another"})
    assert kinds() == [Kind.OPENED]


def test_a_repeat_after_the_secret_key_was_changed_counts_once(sent, tell, fold, settings):
    event = tell("ana", "open")
    fold(event)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "a new key"
    fold({**event, "sg_event_id": "another"})
    assert kinds() == [Kind.OPENED]


def test_a_repeat_of_an_event_id_counts_once(sent, tell, fold):
    event = tell("ana", "open")
    fold(event, {**event, "timestamp": event["timestamp"] + 1})
    assert kinds() == [Kind.OPENED]


def test_a_repeat_of_an_event_id_about_nobody_we_know_counts_once(sent, tell, fold):
    event = {
        "event": "processed",
        "sg_event_id": "one",
        "email": "transactional@example.org",
        "timestamp": tell.start,
    }
    stranger = {**tell("ana", "processed"), "press_recipient": "999999999"}
    for each in (event, stranger):
        fold(each, {**each, "timestamp": tell.start + 60}, [{**each, "timestamp": tell.start + 90}])
    assert list(Event.objects.values_list("mailing", "recipient").order_by("pk")) == [
        (None, None),
        (sent.pk, None),
    ]


def test_the_same_link_in_two_places_is_two_clicks(sent, tell, fold):
    first = tell.click("ana", "a")
    second = {**first, "sg_event_id": "other", "url_offset": {"index": 1, "type": "html"}}
    fold(first, second)
    assert kinds() == [Kind.CLICKED, Kind.CLICKED]
    assert Link.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "kind", "detail"),
    [
        ({"event": "bounce", "type": "bounce", "bounce_classification": "Reputation"}, Kind.BOUNCED, "Reputation"),
        ({"event": "bounce", "type": "blocked", "status": "4.7.1"}, Kind.BLOCKED, "4.7.1"),
        ({"event": "bounce", "status": "5.1.1", "reason": "550 <ana@example.org> unknown"}, Kind.BOUNCED, "5.1.1"),
        ({"event": "bounce", "type": "expired"}, Kind.BLOCKED, ""),
        ({"event": "deferred", "response": "421 later, ana@example.org"}, Kind.DEFERRED, ""),
        ({"event": "dropped", "reason": "Spam Content"}, Kind.DROPPED, "Spam Content"),
        ({"event": "open", "sg_machine_open": True}, Kind.MACHINE_OPENED, ""),
        ({"event": "open", "sg_machine_open": False}, Kind.OPENED, ""),
        ({"event": "group_resubscribe"}, Kind.OTHER, "group_resubscribe"),
        ({"event": "something_new\0"}, Kind.OTHER, "something_new"),
    ],
)  # fmt: skip
def test_what_is_reported_has_one_word_of_ours(sent, tell, fold, fields, kind, detail):
    fold({**tell("ana", fields["event"]), **fields})
    assert Event.objects.values_list("kind", "detail").get() == (kind, detail)


def test_missing_ids_are_fine_and_different_events_stay_apart(sent, fold):
    fold([{"event": "processed"}, {"event": "processed", "x": 1}, {"event": "processed"}])
    assert Event.objects.filter(mailing=None, recipient=None, provider_id=None).count() == 2


def test_a_wrong_time_is_the_time_of_the_post(sent, tell, fold):
    with time_machine.travel("2026-11-24 10:00+00:00", tick=False):
        fold([{**tell("ana", "open"), "timestamp": "soon"}, {**tell("ben", "open"), "timestamp": 10**18}])
        assert set(Event.objects.values_list("at", flat=True)) == {timezone.now()}


def test_elements_that_are_no_events_are_set_aside_and_the_others_count(sent, tell, fold):
    fold([7, None, "x", {}, {"event": 3}, ["event"], tell("ana", "open")])
    assert kinds() == [Kind.OPENED]
    assert set_aside() == ["This post contains 7 elements, but 6 of them are not events."]
    assert orjson.loads(bytes(RawWebhookPost.objects.get().body)) == [
        7,
        None,
        "x",
        {},
        {"event": 3},
        ["event"],
    ]


@pytest.mark.parametrize("body", [b"", b"no json", b"[", b"\xff\xfe", b"[" * 100_000, b'[{"event": '])
def test_a_poisoned_post_is_set_aside_with_its_reason_and_blocks_nobody(sent, tell, fold, body):
    RawWebhookPost.objects.create(body=body)
    fold(tell("ana", "open"))
    assert kinds() == [Kind.OPENED]
    (reason,) = set_aside()
    assert reason.startswith("The post is not valid JSON")
    assert waiting_posts() == 0


def test_one_broken_character_does_not_cost_the_other_events(sent, tell, fold):
    body = orjson.dumps([tell("ana", "open"), {**tell("ben", "bounce"), "reason": "HALF"}])
    RawWebhookPost.objects.create(body=body.replace(b"HALF", b"\\ud83d \xff"))
    assert process_posts() == 1
    assert kinds() == [Kind.BOUNCED, Kind.OPENED]


def test_a_post_that_breaks_the_folding_is_set_aside_alone(sent, tell, fold, monkeypatch):
    from newsletter.tracking import apply_event_effects

    def fail(*_arguments, **_options):
        raise ZeroDivisionError("ana@example.org")

    monkeypatch.setattr(apply_event_effects.suppression, "suppress", fail)
    fold(tell("ana", "open"), tell("ben", "bounce"), tell("cem", "open"))
    assert kinds() == [Kind.OPENED, Kind.OPENED], "nothing half-done stays"
    assert set_aside() == ["We could not process 1 of the 1 elements in this post."]


def test_an_event_that_breaks_the_folding_costs_no_other_of_its_post(sent, tell, fold, monkeypatch):
    from newsletter.tracking import apply_event_effects

    truly = apply_event_effects.suppression.suppress

    def fail_for_ben(address, *arguments, **options):
        if address.startswith("ben@"):
            raise ZeroDivisionError
        return truly(address, *arguments, **options)

    monkeypatch.setattr(apply_event_effects.suppression, "suppress", fail_for_ben)
    fold([tell("ana", "open"), tell("ben", "bounce"), tell("cem", "bounce"), tell("ana", "open", after=9)])
    assert kinds() == [Kind.BOUNCED, Kind.OPENED, Kind.OPENED]
    assert reasons("cem@example.org")
    assert set_aside() == ["We could not process 1 of the 4 elements in this post."]
    [kept] = RawWebhookPost.objects.exclude(reason="")
    assert [each["email"] for each in orjson.loads(bytes(kept.body))] == ["ben@example.org"]


def test_what_was_set_aside_goes_after_thirty_days(db):
    RawWebhookPost.objects.create(body=b"x", reason="old", received_at=timezone.now() - timedelta(days=31))
    RawWebhookPost.objects.create(body=b"x", reason="young", received_at=timezone.now() - timedelta(days=29))
    RawWebhookPost.objects.create(body=b"[]", received_at=timezone.now() - timedelta(days=99))
    assert prune_set_aside(timezone.now()) == 1
    assert set_aside() == ["young"]
    assert waiting_posts() == 1


def test_no_address_network_or_program_is_kept(sent, tell, fold):
    fold(
        [
            tell("ana", "bounce", reason="550 ana@example.org unknown", status="5.1.1"),
            tell.click("ana", "unsubscribe?email=ana%40example.org"),
            tell.click("ana", "people/ana@example.org/page"),
            tell(
                "ana", "click", url="http://localhost:8000/harbour/1/?reader=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
            ),
            tell("ana", "click", url="http://localhost:8000/leave/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        ]
    )
    rows = repr([list(Event.objects.values()), list(Link.objects.values())])
    assert Event.objects.count() == 5
    for personal in ("ana", "203.0.113.7", "Mozilla", "AAAA"):
        assert personal not in rows
    assert set(Link.objects.values_list("url", flat=True)) == {
        "https://harbour.example.org/unsubscribe",
        "https://harbour.example.org/people/…/page",
        "http://localhost:8000/harbour/1/",
        "http://localhost:8000/leave/…",
    }


def test_a_campaign_in_a_link_is_kept(sent, tell, fold):
    fold(tell.click("ana", "a?utm_campaign=tides#top"))
    assert Link.objects.get().url == "https://harbour.example.org/a?utm_campaign=tides#top"


def test_erasing_a_person_leaves_nothing_of_them_in_what_came_back(sent, tell, fold):
    from subscribers import erasure
    from subscribers.consent_log import ConsentSource
    from subscribers.models import SourceKind

    RawWebhookPost.objects.create(body=b'["\\u0061na@example.org"]', reason="no event")
    RawWebhookPost.objects.create(body=b'["Ben@example.org"]', reason="no event")
    fold(tell("ana", "delivered"), tell("ben", "delivered"))
    for name in ("ana", "ben"):
        person = Subscriber.objects.get(address=f"{name}@example.org")
        erasure.erase(person, ConsentSource(SourceKind.EDITOR, "edda"))
    assert Event.objects.filter(recipient__subscriber=None).count() == 2
    assert not RawWebhookPost.objects.exists()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
NAMES = [
    *(
        "event",
        "email",
        "timestamp",
        "sg_event_id",
        "sg_message_id",
        "url",
        "url_offset",
        "type",
        "reason",
        "status",
    ),
    *(
        "press_mailing",
        "press_batch",
        "press_attempt",
        "press_recipient",
        "bounce_classification",
        "sg_machine_open",
    ),
]
WORDS = st.sampled_from(
    ["bounce", "dropped", "click", "open", "unsubscribe", "spamreport", "processed", "new"]
)
ELEMENT = st.dictionaries(st.sampled_from(NAMES), JSON, max_size=8) | st.builds(
    lambda fields, word: {**fields, "event": word}, st.dictionaries(st.sampled_from(NAMES), JSON), WORDS
)


# As they are written, since no writer of JSON would write most of them.
HOSTILE = (
    "9" * 6_000, "-" + "9" * 6_000, "[" * 20_000 + "]" * 20_000, '{"a":' * 20_000 + "1" + "}" * 20_000,
    r'"\ud83d"', r'"\udc00\ud83d ana@example.org"', "NaN", "-Infinity", "1e999", "1.5", "-1", "0",
    r'"\u0000\u0000"', "100000000000000000", "9223372036854775808", '"100000000000000000"',
    '"9223372036854775807"', '"9223372036854775808"', '"2147483647"', '"2147483648"', '"-1"', '"1.5"', '"9e9"',
    '"\u0661"', "null", "true", "[]", "{}", '[["a"]]', '{"a": {"b": "\\\\"}}', '"\\\\"', '""', "garbage", '"["', "",
)  # fmt: skip
BOUNCE = '{"event": "bounce", "email": "ana@example.org", "timestamp": 1790000000, "sg_event_id": "%s"}'


def written(event, fields):
    """An event as JSON with these values in it as they are."""
    pairs = {name: orjson.dumps(value).decode() for name, value in event.items()} | fields
    return "{" + ", ".join(f'"{name}": {value}' for name, value in pairs.items()) + "}"


def bounces(number, *hostile):
    """Fold a bounce that stands among such elements; whether it took effect."""
    some = [*hostile[:1], BOUNCE % f"bounce-{number}", *hostile[1:]]
    RawWebhookPost.objects.create(body=("[" + ",".join(some) + "]").encode())
    assert process_posts() == 1
    return Event.objects.filter(provider_id=f"bounce-{number}", kind=Kind.BOUNCED).exists()


@pytest.mark.parametrize(
    "name",
    [
        "press_attempt",
        # Given back to us as the attempt is.
        pytest.param("press_batch", marks=pytest.mark.full),
        pytest.param("press_recipient", marks=pytest.mark.full),
        "email",
        "timestamp",
        "url",
        "reason",
    ],
)
def test_whatever_a_field_holds_the_bounce_beside_it_takes_effect(sent, tell, name):
    for number, value in enumerate(HOSTILE):
        RawWebhookPost.objects.exclude(reason="").delete()
        event = written(tell("ben", "click" if name == "url" else "open"), {name: value})
        # The same bounce told again is no new event: each is of another second.
        bounce = BOUNCE.replace("1790000000", str(1_790_000_000 + number)) % f"odd-{number}"
        RawWebhookPost.objects.create(body=f"[{event},{bounce}]".encode())
        assert process_posts() == 1
        assert Event.objects.filter(provider_id=f"odd-{number}").exists(), value[:40]
        assert not any("could not process" in reason for reason in set_aside()), value[:40]
    assert reasons("ana@example.org")


@pytest.mark.parametrize("value", ["9" * 6_000, "[" * 20_000 + "]" * 20_000, "garbage", '{"a": }'])
def test_an_element_that_cannot_be_read_is_set_aside_alone_with_a_reason(sent, tell, value):
    assert bounces(1, value, written(tell("ben", "open"), {}))
    assert kinds() == [Kind.BOUNCED, Kind.OPENED]
    assert set_aside() == ["This post contains 3 elements, but 1 of them are not events."]


@pytest.mark.parametrize("body", ["[{}", "[{}]]", '[{"a": "]', "{", "", "[1}", '"\\"\\"\\"' * 3])
def test_what_is_no_json_as_a_whole_is_set_aside_with_a_reason(db, body):
    RawWebhookPost.objects.create(body=body.encode())
    assert process_posts() == 1
    assert waiting_posts() == 0


@pytest.mark.sqlite
def test_a_megabyte_of_quotes_and_brackets_is_read_in_one_pass(db):
    for text in (
        '["' + '\\"' * 500_000,
        "[" * 1_000_000,
        "[" + '",' * 500_000,
        "[" + "{}," * 300_000 + "NaN]",
    ):
        began = time.process_time()
        RawWebhookPost.objects.create(body=text.encode())
        assert process_posts() == 1
        assert time.process_time() - began < 10


class AnythingAtAll(TestCase):
    @settings(max_examples=examples(40))
    @given(
        st.lists(st.dictionaries(st.sampled_from(NAMES), st.sampled_from(HOSTILE), max_size=8), max_size=5)
    )
    def test_hostile_elements_never_keep_a_bounce_from_taking_effect(self, elements):
        ana = {"address": "ana@example.org"}
        Subscriber.objects.get_or_create(address_key="ana@example.org", defaults=ana)
        assert bounces(1, *(written({"event": "open", "timestamp": 1}, each) for each in elements))
        assert reasons("ana@example.org")
        assert not any("could not process" in reason for reason in set_aside())

    @settings(max_examples=examples(75))
    @given(st.lists(JSON | ELEMENT, max_size=6) | JSON)
    def test_any_json_leaves_the_queue(self, document):
        RawWebhookPost.objects.create(
            body=orjson.dumps(document, option=orjson.OPT_NON_STR_KEYS) if fits(document) else b"[]"
        )
        process_posts()
        assert waiting_posts() == 0
        assert not RawWebhookPost.objects.filter(reason__startswith="We could not process this post").exists()

    @settings(max_examples=examples(50))
    @given(st.binary(max_size=60))
    def test_any_bytes_leave_the_queue(self, body):
        RawWebhookPost.objects.create(body=body)
        process_posts()
        assert waiting_posts() == 0


def fits(document):
    try:
        orjson.dumps(document)
    except (TypeError, ValueError):
        return False
    return True
