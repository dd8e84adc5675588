"""The page Notifications: who gets emails about what, and turning them on and off."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from newsletter.accounts.actor import Role, acting_as
from newsletter.accounts.users import add_user
from newsletter.issues.models import AuditEntry, Publication
from newsletter.notifications.models import Notification, NotificationMail, NotificationOptOut, State
from newsletter.notifications.notification_mail_choices import EVERY_KIND, unwanted_kinds
from newsletter.notifications.outbound_webhooks import add_webhook
from newsletter.notifications.who_is_notified import find_choice, should_notify
from newsletter.web.desk.settings.notification_pages import EVENTS

PAGE = "/desk/settings/notifications/"


def text(answer):
    return " ".join(answer.content.decode().split())


def number(name):
    return get_user_model().objects.get(username=name).pk


def notification(kind=Notification.Kind.BLOCKED, publication=None, subject="Blocked: issue 1"):
    return Notification.objects.create(
        key=f"{kind} {subject}",
        kind=kind,
        publication=publication,
        subject=subject,
        link="/desk/",
        made_at=timezone.now(),
    )


def test_every_event_is_on_the_page_with_who_gets_it(desk_of, people):
    assert set(EVENTS) == set(Notification.Kind)
    page = text(desk_of("ada").get(PAGE))
    for sentence in EVENTS.values():
        assert sentence in page
    assert "Approvers, administrators and people who worked on the issue" in page


@pytest.mark.parametrize(
    "kind", [Notification.Kind.WORK_FAILS, Notification.Kind.FAILING, Notification.Kind.BLOCKED]
)
def test_the_page_says_the_same_as_what_is_done(desk_of, people, kind):
    """Each role that the page names gets the emails, and no other does."""
    page = text(desk_of("ada").get(PAGE))
    who = page.split(EVENTS[kind])[1].split('data-label="Who gets an email">')[1].split("</td>")[0]
    about = notification(kind)
    for role in Role:
        user = add_user(f"a-{role}", password="ebb and flow", roles=[role], address=f"{role}@example.net")
        named = who == "Everybody with a role" or f"{role}s" in who.lower()
        assert should_notify(user, about) is named, role


def test_an_administrator_turns_emails_of_others_off_and_undoes_it(desk_of, people, mailoutbox):
    get_user_model().objects.filter(username="ruth").update(email="ruth@example.org")
    ada = desk_of("ada")
    answer = ada.post(f"{PAGE}people/{number('ruth')}/", {"wanted": ""}, follow=True)
    assert "ruth will not get notifications by email." in text(answer)
    assert not should_notify(get_user_model().objects.get(username="ruth"), notification())
    ada.post(f"{PAGE}people/{number('ruth')}/", {"wanted": "yes"})
    assert not NotificationOptOut.objects.exists()
    assert [
        each.actor for each in AuditEntry.objects.filter(thing=f"user {number('ruth')}").order_by("-pk")[:2]
    ] == [
        "ada",
        "ada",
    ]


def test_everybody_turns_their_own_emails_off_on_the_page_of_their_account(desk_of, people):
    get_user_model().objects.update(email="somebody@example.org")
    ruth = desk_of("ruth")
    assert "Turn these emails off" in text(ruth.get("/desk/account/"))
    answer = ruth.post(f"{PAGE}people/{number('ruth')}/", {"wanted": "", "from": "account"}, follow=True)
    assert "You will not get notifications by email." in text(answer)
    assert "Turn these emails on" in text(answer)
    assert NotificationOptOut.objects.get().user_id == number("ruth")
    assert ruth.get(PAGE).status_code == 409


def test_nobody_turns_off_the_emails_of_others_without_being_an_administrator(desk_of, people):
    answer = desk_of("ruth").post(f"{PAGE}people/{number('ada')}/", {"wanted": ""})
    assert answer.status_code == 409
    assert not NotificationOptOut.objects.exists()


def test_an_administrator_of_one_newsletter_sees_its_own_notifications_webhooks_and_only_themselves(
    desk_of, people, publication
):
    other = Publication.objects.get(pk=publication.pk)
    other.pk, other.slug, other.name = None, "other", "The Other Letter"
    other.save()
    notification(publication=publication, subject="Ours is blocked")
    notification(publication=other, subject="Theirs is blocked")
    notification(Notification.Kind.WORK_FAILS, subject="A task fails")
    with acting_as(people["ada"]):
        add_webhook("https://theirs.example.org/", publication=other)
        add_webhook("https://all.example.org/")
        add_webhook("https://ours.example.org/", publication=publication)
    add_user(
        "gus", password="ebb and flow", roles=[], publication_roles=[(publication.pk, Role.ADMINISTRATOR)]
    )
    page = text(desk_of("gus").get(PAGE))
    assert "Ours is blocked" in page
    assert "ours.example.org" in page
    for hidden in ("Theirs is blocked", "A task fails", "theirs.example.org", "all.example.org", "amir"):
        assert hidden not in page, hidden


def test_the_numbers_of_emails_are_those_of_the_rows(desk_of, people):
    about = notification()
    for name, state in (("ada", State.DONE), ("amir", State.DONE), ("ruth", State.GIVEN_UP)):
        NotificationMail.objects.create(
            notification=about, user_id=number(name), state=state, due_at=timezone.now()
        )
    assert "Emails: 2 sent, 1 not delivered · Webhooks: none" in text(desk_of("ada").get(PAGE))


@pytest.mark.parametrize("many", [1, 60])
def test_the_page_asks_a_few_questions_however_many_people_and_webhooks_there_are(
    desk_of, people, many, django_assert_max_num_queries
):
    for each in range(many):
        add_user(
            f"editor-{each}", password="ebb and flow", roles=[Role.EDITOR], address=f"e{each}@example.net"
        )
        add_webhook(f"https://hooks{each}.example.org/")
        notification(subject=f"Blocked {each}")
    ada = desk_of("ada")
    with django_assert_max_num_queries(20):
        assert ada.get(PAGE).status_code == 200


def choose(client, name, kinds, **more):
    page = f"{PAGE}people/{number(name)}/events/"
    seen = re.search(r'name="seen" value="(\w+)"', text(client.get(page)))[1]
    return client.post(page, {"kinds": kinds, "seen": seen, **more}, follow=True)


def test_somebody_chooses_what_they_are_told_about_and_gets_the_rest_no_more(desk_of, people):
    get_user_model().objects.filter(username="ruth").update(email="ruth@example.org")
    ruth = get_user_model().objects.get(username="ruth")
    blocked, figures = notification(), notification(Notification.Kind.FIGURES)
    answer = choose(desk_of("ruth"), "ruth", ["issue.blocked"])
    assert "Your choice was saved." in text(answer)
    assert (should_notify(ruth, blocked), should_notify(ruth, figures)) == (True, False)
    assert "We email you when something needs your attention" in text(answer)
    page = text(desk_of("ada").get(PAGE))
    assert 'badge good">Some<' in page
    # What she cannot get anyway is not asked about.
    assert "A background task keeps failing." not in text(
        desk_of("ruth").get(f"{PAGE}people/{ruth.pk}/events/")
    )
    entry = AuditEntry.objects.latest("pk")
    assert entry.sentence == "Changed the choice of notification emails for the user ruth."
    assert (entry.actor, entry.changes["mail"][0]) == ("ruth", True)


def test_turning_all_off_and_on_again_forgets_the_choice(desk_of, people):
    get_user_model().objects.filter(username="ruth").update(email="ruth@example.org")
    ruth, ada = get_user_model().objects.get(username="ruth"), desk_of("ada")
    choose(ada, "ruth", ["issue.blocked"])
    ada.post(f"{PAGE}people/{ruth.pk}/", {"wanted": ""})
    assert unwanted_kinds(ruth) == EVERY_KIND
    ada.post(f"{PAGE}people/{ruth.pk}/", {"wanted": "yes"})
    assert unwanted_kinds(ruth) == frozenset()


def test_everything_ticked_means_also_what_is_added_later(desk_of, people):
    kinds = [kind.value for kind in find_choice(number("ada")).kinds]
    choose(desk_of("ada"), "ada", kinds[:1])
    choose(desk_of("ada"), "ada", kinds)
    assert not NotificationOptOut.objects.exists()


def test_choices_that_a_colleague_changed_are_not_overwritten_unseen(desk_of, people):
    ada, page = desk_of("ada"), f"{PAGE}people/{number('ruth')}/events/"
    seen = re.search(r'name="seen" value="(\w+)"', text(ada.get(page)))[1]
    choose(desk_of("ruth"), "ruth", ["issue.blocked"])
    answer = ada.post(page, {"kinds": ["issue.drafted"], "seen": seen})
    assert answer.status_code == 409
    assert "Somebody else has changed these choices since you opened the page." in text(answer)
    assert unwanted_kinds(get_user_model().objects.get(username="ruth")) != EVERY_KIND
    assert Notification.Kind.BLOCKED not in unwanted_kinds(get_user_model().objects.get(username="ruth"))


def test_an_editor_chooses_for_nobody_else_and_a_kind_that_nobody_knows_is_harmless(desk_of, people):
    page = f"{PAGE}people/{number('ada')}/events/"
    assert desk_of("ruth").get(page).status_code == 409
    assert desk_of("ruth").post(page, {"kinds": []}).status_code == 409
    choose(desk_of("ruth"), "ruth", ["<script>", "work.failing", "issue.blocked"])
    NotificationOptOut.objects.update(kinds=["a kind of a later version", "issue.blocked"])
    assert unwanted_kinds(get_user_model().objects.get(username="ruth")) == {Notification.Kind.BLOCKED}
