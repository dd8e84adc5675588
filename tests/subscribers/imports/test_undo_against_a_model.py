"""Any file over anybody, anything in between, then an undo: compared with a model of what must be as before."""

import io
from collections import defaultdict
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as given_settings
from hypothesis import strategies as st

from subscribers import consent, consent_by_editor, consent_wordings, suppression
from subscribers.consent import PersonalDetails
from subscribers.errors import NewsletterError
from subscribers.imports.run_import import import_people
from subscribers.imports.undo_import import undo_import
from subscribers.lists import add_list
from subscribers.models import ConsentEntry, Subscriber, Subscription, Suppression
from subscribers.verify_consent_log import differences
from tests.full import examples
from tests.subscribers.conftest import EDITOR, EMAIL

PEOPLE = ("ada", "ben")
NAMES = st.sampled_from(["", "Ann", "Bo"])
TOPICS = st.lists(st.sampled_from("ab"), unique=True, max_size=2).map(sorted)
PERSON = st.sampled_from(PEOPLE)
ROW = st.tuples(PERSON, NAMES, NAMES, TOPICS, st.sampled_from(["active"] * 6 + ["unsubscribed", "bounced"]))
FILE = st.lists(ROW, min_size=1, max_size=2, unique_by=lambda row: row[0])
BASE = st.lists(
    st.tuples(
        st.sampled_from(["added", "signed up", "imported", "left", "on the other"]), PERSON, NAMES, TOPICS
    ),
    max_size=3,
)
OWN = ("unsubscribes", "chooses", "names", "pauses", "comes back", "confirms")
BY_EDITOR = ("edits", "adds to the other", "suppresses", "adds")
ACT = st.tuples(
    st.sampled_from([*OWN, *BY_EDITOR, "erases", "imports again", "imports elsewhere"]), PERSON, NAMES, TOPICS
)


@pytest.mark.django_db
@given(base=BASE, file=FILE, acts=st.lists(ACT, min_size=1, max_size=4))
@given_settings(max_examples=examples(12), deadline=None)
def test_an_undo_takes_back_exactly_what_the_import_did(base, file, acts):
    with transaction.atomic():
        news, other = (add_list(slug, slug, topics={"a": "A", "b": "B"}) for slug in ("news", "other"))
        for act, *about in base:
            with suppress(NewsletterError):
                BASE_ACTS[act](news, other, *about)
        before = snapshot(news, other)
        record = bring(news, file)
        imported = snapshot(news, other)
        done, again = defaultdict(set), set()
        for act, *about in acts:
            do(news, other, act, about, done, again)
        last, entries = snapshot(news, other), log()
        noes = set(Suppression.objects.values_list("digest", "reason"))

        foreseen = undo_import(record, by="Ed", dry_run=True).counts
        assert snapshot(news, other) == last
        record.refresh_from_db()
        counts = undo_import(record, by="Ed").counts

        after = snapshot(news, other)
        assert dict(counts) == dict(foreseen)
        for name in PEOPLE:
            states = [each.get(name) for each in (before, imported, last)]
            assert after.get(name) == expected(*states, done[name], again=name in again), (name, states)
        assert set(Suppression.objects.values_list("digest", "reason")) == noes
        assert log()[: len(entries)] == entries
        assert list(differences()) == []
        transaction.set_rollback(True)


def expected(before, imported, last, done, *, again):
    """How a person is after the undo, from how they were before and after the import, and before the undo."""
    if last is None or imported is None:
        return last
    kinds = {kind for kind, _effect in done} | ({"imports again"} if again else set())
    on_news = expected_on_news(*((each or {}).get("news") for each in (before, imported, last)), kinds)
    if before is None and on_news is None and last["other"] is None:
        return None
    return {**last, "news": on_news, "details": expected_details(before, imported, last, kinds)}


def expected_on_news(was, became, now, kinds):
    """The subscription after the undo."""
    if became is None or now["state"] != "active" or became["state"] != "active":
        return now
    # An editor who adds somebody whose consent only the import recorded says how they know of it.
    acted = kinds & {*OWN, "edits", "adds", "imports again"}
    if was is None:
        return now if acted else None
    if now["topics"] != became["topics"]:
        return now
    if was["state"] == "pending":
        return now if acted else was
    if was["topics"] == became["topics"] or kinds & ({*OWN, "imports again"} - {"names"}):
        return now
    return {**now, "topics": was["topics"]}


def expected_details(before, imported, last, kinds):
    """Names and attributes after the undo."""
    if before is None:
        # Of who was new and said no, only the no is kept.
        only_a_no = imported["news"] and imported["news"]["state"] == "unsubscribed" and not kinds
        if only_a_no and last["other"] is None:
            return {"first_name": "", "city": None}
        return last["details"]
    result = dict(last["details"])
    for field, value in imported["details"].items():
        is_theirs = field in last["own"] or "imports again" in kinds
        if before["details"][field] != value == last["details"][field] and not is_theirs:
            result[field] = before["details"][field]
    return result


def do(news, other, act, about, done, again):
    name, count = about[0], ConsentEntry.objects.count()
    entries = ConsentEntry.objects.filter(subscriber__address_key=f"{name}@example.org").count()
    is_member = is_on(news, name)
    with suppress(NewsletterError, Subscription.DoesNotExist, Subscriber.DoesNotExist):
        ACTS[act](news, other, *about)
    if act == "imports again" and is_member:
        # Someone who has left is not: the later file changed nothing for them.
        again.add(name)
    now = ConsentEntry.objects.filter(subscriber__address_key=f"{name}@example.org").count()
    if now != entries and ConsentEntry.objects.count() != count:
        done[name].add((act, now))


def address(name):
    return f"{name}@example.org"


def person(name):
    return Subscriber.objects.get(address_key=address(name))


def is_on(news, name):
    found = Subscription.objects.filter(list=news, subscriber__address_key=address(name))
    return found.exclude(state=Subscription.State.UNSUBSCRIBED).exists()


def subscription(news, name):
    found = Subscription.objects.select_related("subscriber", "list")
    return found.get(list=news, subscriber__address_key=address(name))


def bring(mailing_list, rows):
    lines = [
        f"{address(name)},{first},{city},{';'.join(topics)},{status}"
        for name, first, city, topics, status in rows
    ]
    text = "\n".join(["email,first name,city,topics,status", *lines]) + "\n"
    return import_people(io.BytesIO(text.encode()), mailing_list, consent="Paper", name="people.csv").record


def add(news, name, first, topics):
    details = PersonalDetails(first_name=first)
    return consent_by_editor.add_by_editor(
        news, address(name), EDITOR, consent="Form", topics=topics, person=details
    )


def sign_up(news, name, topics):
    consent.sign_up(news, address(name), EMAIL, wording=consent_wordings.keep_wording(news), topics=topics)


def tomorrow():
    return timezone.localdate() + timedelta(days=1)


BASE_ACTS = {
    "added": lambda news, _other, name, first, topics: add(news, name, first, topics),
    "signed up": lambda news, _other, name, _first, topics: sign_up(news, name, topics),
    "imported": lambda news, _other, name, first, topics: bring(news, [(name, first, "", topics, "active")]),
    "left": lambda news, _other, name, first, topics: consent.unsubscribe(
        add(news, name, first, topics), EMAIL
    ),
    "on the other": lambda _news, other, name, first, _topics: add(other, name, first, []),
}
ACTS = {
    "unsubscribes": lambda news, _o, name, _f, _t: consent.unsubscribe(subscription(news, name), EMAIL),
    "chooses": lambda news, _o, name, _f, topics: consent.change(
        subscription(news, name), EMAIL, topics=topics
    ),
    "names": lambda _n, _o, name, first, _t: consent.change_details(
        person(name), EMAIL, PersonalDetails(first_name=first)
    ),
    "pauses": lambda news, _o, name, _f, _t: consent.pause(subscription(news, name), EMAIL, until=tomorrow()),
    "comes back": lambda news, _o, name, _f, _t: consent.resubscribe(subscription(news, name), EMAIL),
    "confirms": lambda news, _o, name, _f, _t: consent.confirm(subscription(news, name), EMAIL),
    "edits": lambda _n, _o, name, first, _t: consent.change_details(
        person(name), EDITOR, PersonalDetails(first_name=first)
    ),
    "adds": lambda news, _o, name, first, topics: add(news, name, first, topics),
    "adds to the other": lambda _n, other, name, first, _t: add(other, name, first, []),
    "suppresses": lambda _n, _o, name, _f, _t: suppression.suppress(address(name), "manual", EDITOR),
    "erases": lambda _n, _o, name, _f, _t: consent.erase_person(person(name), EMAIL),
    "imports again": lambda news, _o, name, first, topics: bring(news, [(name, first, "", topics, "active")]),
    "imports elsewhere": lambda _n, other, name, first, _t: bring(other, [(name, first, "", [], "active")]),
}


def snapshot(news, other):
    """Everybody, with their details and both subscriptions, by name."""
    return {
        one.address_key.partition("@")[0]: {
            "details": {"first_name": one.first_name, "city": one.attributes.get("city")},
            "own": one.own_fields,
            "news": on_list(one, news),
            "other": on_list(one, other),
        }
        for one in Subscriber.objects.all()
    }


def on_list(one, mailing_list):
    found = Subscription.objects.filter(subscriber=one, list=mailing_list).first()
    return found and {
        "state": found.state,
        "joined": found.joined_at,
        "asked": found.asked_at,
        "left": found.left_at,
        "paused": found.paused_until,
        "topics": sorted(found.topics.values_list("slug", flat=True)),
    }


def log():
    return list(ConsentEntry.objects.order_by("pk").values_list("pk", "act", "state", "moved", "at"))
