"""Whatever a person changes, by a command or in the administration, is in the audit log with old and new values."""

import io

import pytest
import typer.main
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.test import RequestFactory
from django.utils import timezone

from newsletter.articles.models import Article, Correction, Source
from newsletter.feedback.models import ReaderCase
from newsletter.issues.models import AuditEntry, Issue, Publication, SavedSegment
from newsletter.notifications.models import Webhook
from newsletter.proof.comments import WrittenComment, comment_by_link
from newsletter.proof.models import ProofComment, ProofLink
from newsletter.sending.models import Batch, Mailing, Recipient
from subscribers.models import ImportRecord, List, Topic
from tests.articles.pictures.drawing import photo, saved
from tests.sending.conftest import issue, join, publication, way_out  # noqa: F401 - fixtures of that stage
from tests.web.desk.second_factors import just_now

GOOD = "a long enough passphrase"
CONSENT = ("--list", "readers", "--consent", "By letter")
# What only looks, or changes nothing that is kept.
LOOKS = """
audit; doctor; webhooks list; webhooks test; webhooks deliveries; notifications list; articles list; articles show
sources list; issues check; issues rehearse
sources show; sources export; issues list; issues show; issues preview; instance status; issues test; publications list
publications show; publications blocks; publications notices
series list; series show; lists list; lists show; lists growth; mailings list; mailings show; mailings statistics
mailings recipients; subscribers list; subscribers show; subscribers imports; subscribers export
subscribers count; subscribers verify; segments list; segments show; segments count
users list; themes list; themes new; themes check; themes preview
articles reviews-due; proof comments; proof links; proof signatures
serve; web; scheduler; worker; bounces; issues pictures; corrections list; corrections readers
questions list; questions show
"""
# Acts on the installation, whose entries have no values, tested with backups, the instance guard, suppressions and
# keys; the import of many sources, tested with lists of feeds; second factors and events of webhooks, tested with
# them.
OF_THE_INSTALLATION = """
init; backup; restore; rotate-key; instance adopt; suppressions pull; suppressions push; suppressions discard-key
sources import; users reset-second-factor; webhooks send-again
"""
STEPS = {
    "users": [
        ("users", "add", "ruth", "--role", "editor", "--address", "ruth@example.org"),
        ("users", "roles", "ruth", "editor", "approver"),
        ("users", "password", "ruth"),
        ("users", "deactivate", "ruth"),
        ("users", "activate", "ruth"),
        ("users", "invite", "max@example.org"),
        ("users", "superuser", "ruth"),
        ("users", "superuser", "ruth", "--end"),
        ("users", "notify", "ruth", "--no-mail"),
    ],
    "lists": [
        ("lists", "add", "news", "--name", "News", "--topic", "a=A"),
        ("lists", "remove-topic", "news", "a"),
    ],
    "segments": [
        ("segments", "add", "New", "joined in last 90 days", "--list", "readers"),
        ("segments", "change", "{segment}", "--name", "Newest"),
        ("segments", "remove", "{segment}"),
    ],
    "articles": [
        ("articles", "exclude", "{article}"),
        ("articles", "include", "{article}"),
        ("articles", "terms", "{article}", "--promotes", "others"),
        ("articles", "cite", "{article}", "9780198520115", "--title", "Tides"),
        ("articles", "review", "{article}", "--on", "2026-11-09", "--due", "2027-11-09"),
    ],
    "publications": [
        ("publications", "load", "{weekly}"),
        ("publications", "translate-notice", "weekly", "pl", "1", "To nie zastępuje porady lekarza."),
        ("publications", "translate-notice", "weekly", "pl", "1", "--remove"),
        ("publications", "edit", "harbour", "tagline=Hello", "selection.at_most=3"),
        ("publications", "block", "harbour", "help", "kind=notice", "title=Help", "body=A boat."),
        ("publications", "block", "harbour", "help", "body=A bigger boat."),
        ("publications", "block", "harbour", "help", "--remove"),
        ("publications", "archive", "harbour"),
        ("publications", "restore", "harbour"),
    ],
    "sources": [
        ("sources", "add", "{feed}", "--name", "mine"),
        ("articles", "fetch", "mine"),
        ("sources", "accept-change", "mine"),
        ("sources", "remove", "mine"),
    ],
    "issues": [
        ("issues", "edit", "1", "--subject", "Mine", "--preheader", "More", "--opening", "{opening}"),
        ("issues", "edit", "1", "--recompose"),
        ("issues", "audience", "1", "--without-days", "3"),
        ("issues", "edit", "1", "--blurb", "{article}:Words"),
        ("issues", "edit", "1", "--picture", "{article}:{picture}", "--alt", "{article}:A quay"),
        ("issues", "edit", "1", "--own-picture", "{article}"),
        ("issues", "approve", "1"),
        ("issues", "schedule", "1", "--at", "tomorrow 07:30"),
        ("issues", "send", "1", "--yes"),
        ("issues", "unschedule", "1"),
        ("issues", "withdraw-approval", "1"),
        ("issues", "cancel", "1"),
        ("issues", "compose", "harbour"),
    ],
    "reviewers": [
        ("proof", "share", "1", "Dr Okafor", "--address", "zoe@example.org"),
        ("proof", "resolve", "1", "{comment}"),
        ("proof", "resolve", "1", "{comment}", "--reopen"),
        ("proof", "use", "1", "{comment}"),
        ("proof", "revoke", "1", "{link}"),
    ],
    "mailings": [
        ("issues", "approve", "1"),
        ("issues", "send", "1", "--without-undo", "--yes"),
        ("mailings", "pause", "{mailing}", "--why", "A doubt"),
        ("mailings", "resume", "{mailing}"),
        ("mailings", "settle", "{mailing}", "--batch", "{batch}", "--sent"),
        ("mailings", "stop", "{mailing}", "--yes"),
        ("mailings", "retry", "{mailing}"),
    ],
    "web pages": [
        ("issues", "approve", "1"),
        ("issues", "send", "1", "--without-undo", "--yes"),
        ("issues", "correct-page", "1", "--note", "It was Ebb", "--replace", "Tides", "--with", "Ebb"),
        ("issues", "undo-page-change", "1"),
        ("issues", "withdraw-page", "1", "--why", "A mistake"),
    ],
    "corrections": [
        ("issues", "approve", "1"),
        ("issues", "send", "1", "--without-undo", "--yes"),
        ("corrections", "make", "{article}", "--right", "It was 12.", "--severity", "serious"),
        ("corrections", "approve", "{correction}"),
        ("corrections", "send", "{correction}", "--yes"),
        ("corrections", "undo", "{correction}"),
        ("corrections", "withdraw-approval", "{correction}"),
        ("corrections", "change", "{correction}", "--right", "It was 13."),
        ("corrections", "remove", "{correction}"),
    ],
    "questions": [
        ("issues", "approve", "1"),
        ("issues", "send", "1", "--without-undo", "--yes"),
        ("questions", "acknowledge", "{case}"),
        ("questions", "hand-over", "{case}", "--to", "ruth"),
        ("questions", "junk", "{case}"),
        ("questions", "put-back", "{case}"),
        ("questions", "answer", "{case}", "--text", "We checked it, zoe@example.org."),
        ("questions", "erase", "{case}", "--yes"),
        ("questions", "decline", "{complaint}", "--text", "We will not act."),
        ("corrections", "make", "{article}", "--right", "It was 12."),
        ("questions", "correct", "{second}", "--correction", "{correction}", "--text", "Thank you."),
    ],
    "series": [
        ("series", "add", "harbour", "every Tuesday at 07:30", "--name", "weekly"),
        ("series", "edit", "weekly", "--mode", "approve"),
        ("series", "skip", "weekly"),
        ("series", "move", "weekly", "{next}", "{next} 09:00"),
        ("series", "pause", "weekly"),
        ("series", "resume", "weekly"),
        ("series", "remove", "weekly"),
    ],
    "subscribers": [
        ("subscribers", "add", "zoe@example.org", *CONSENT),
        ("subscribers", "edit", "zoe@example.org", "--first-name", "Zoe"),
        ("subscribers", "basis", "zoe@example.org", *CONSENT, "--record", "membership"),
        ("subscribers", "change-address", "zoe@example.org", "--to", "stranger@example.org"),
        ("subscribers", "suppress", "zoe@example.org"),
        ("subscribers", "unsuppress", "zoe@example.org", "--why", "zoe@example.org asked"),
        ("subscribers", "suppress", "stranger@example.org"),
        ("subscribers", "unsuppress", "stranger@example.org", "--why", "She asked"),
        ("subscribers", "import", "{people}", *CONSENT),
        ("subscribers", "undo-import", "{import}", "--yes"),
        ("subscribers", "erase", "zoe@example.org", "--yes"),
    ],
    "webhooks": [
        ("webhooks", "add", "https://hooks.example.org/x"),
        ("webhooks", "change-secret", "{webhook}"),
        ("webhooks", "remove", "{webhook}"),
    ],
}
ADDRESSES = ("zoe@", "stranger@", "ruth@", "max@")


def commands():
    """Every command, by its words."""
    from newsletter.cli.commands import program

    def walk(command, words):
        inner = getattr(command, "commands", None)
        if inner is None:
            yield " ".join(words)
        for name, each in (inner or {}).items():
            yield from walk(each, [*words, name])

    return set(walk(typer.main.get_command(program()), []))


def named(text):
    return {words.strip() for line in text.strip().splitlines() for words in line.split(";")}


def test_every_command_is_known_to_look_or_to_be_written_down():
    written = {" ".join(step[:2]) for steps in STEPS.values() for step in steps}
    assert commands() == written | named(LOOKS) | named(OF_THE_INSTALLATION)


@pytest.fixture
def things(issue, join, way_out, home, monkeypatch, tmp_path):  # noqa: F811
    """What the steps name, prepared: files, people, a second article."""
    Article.objects.create(
        source=Article.objects.get().source,
        identity="b",
        url="https://harbour.example.org/b",
        title="Second",
        found_at=timezone.now(),
    )
    join("ana", "ben")
    way_out.evidence = lambda _trace, _recipients: iter(())
    files = {"feed": tmp_path / "feed.json", "weekly": tmp_path / "weekly.toml"}
    files |= {"people": tmp_path / "people.csv", "opening": tmp_path / "opening.md"}
    files["opening"].write_text("Dear reader")
    files["picture"] = tmp_path / "quay.jpg"
    files["picture"].write_bytes(saved(photo()))
    files["people"].write_text("email\nmax@example.org\n")
    files["feed"].write_text(
        '{"version": "https://jsonfeed.org/version/1.1", "title": "Mine", "items": '
        '[{"id": "1", "url": "https://mine.example.org/1", "title": "One", "content_text": "Words."}]}'
    )
    files["weekly"].write_text(
        'slug = "weekly"\nname = "Weekly"\norganisation = "We"\nwebsite = "https://we.example.org"\n'
        'sender_name = "We"\nsender_address = "we@we.example.org"\npostal_address = "1 Quay"\n'
        '[[blocks]]\nname = "help"\nkind = "notice"\ntitle = "Help"\nbody = "A boat."\n'
        '[[topics]]\ntopic = "tides"\nnotice = "This does not replace medical advice."\n'
    )
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{GOOD}\n" * 4))
    return files


def ready_for(words, things):
    """The arguments of a step, with what must be there before it."""
    named_things = {name: str(path) for name, path in things.items()}
    models = {"article": Article, "mailing": Mailing, "webhook": Webhook, "import": ImportRecord}
    models |= {"segment": SavedSegment, "correction": Correction, "comment": ProofComment, "link": ProofLink}
    if words[:2] == ("proof", "resolve") and not ProofComment.objects.exists():
        issue = Issue.objects.get()
        said = {"part": "first-lines", "field": "subject", "quote": issue.subject}
        comment_by_link(
            ProofLink.objects.get().token,
            WrittenComment(text="Shorter.", suggestion="Ebb and flow", **said),
            network="192.0.2.7",
        )
    if words[:2] == ("questions", "hand-over"):
        get_user_model().objects.create_superuser("ruth", "ruth@example.org", "a long password")
    if words[:2] == ("questions", "acknowledge"):
        asked = {"publication": Publication.objects.get(), "article": Article.objects.order_by("pk").first()}
        days = {"received_at": timezone.now(), "acknowledge_by": "2027-01-04", "answer_by": "2027-01-11"}
        for kind in ("question", "complaint", "question"):
            ReaderCase.objects.create(kind=kind, text="I am zoe@example.org.", **asked, **days)
    numbers = [str(number) for number in ReaderCase.objects.order_by("pk").values_list("pk", flat=True)]
    named_things |= zip(("case", "complaint", "second"), numbers, strict=False)
    for name, model in models.items():
        first = model.objects.order_by("pk").first()
        named_things[name] = str(first.pk) if first else ""
    if words[:2] == ("mailings", "settle"):
        batch = Batch.objects.first()
        Batch.objects.update(state=Batch.State.UNKNOWN)
        Recipient.objects.filter(batch=batch).update(state=Recipient.State.UNKNOWN)
        named_things["batch"] = str(batch.pk)
    if words[:2] in {("mailings", "pause"), ("mailings", "stop")}:
        Batch.objects.update(state=Batch.State.WAITING)
        Recipient.objects.update(state=Recipient.State.WAITING)
        Issue.objects.update(state=Issue.State.SENDING)
        Mailing.objects.update(state=Mailing.State.SENDING, finished_at=None)
    if words[:2] == ("series", "move"):
        from newsletter.scheduling.models import Series
        from newsletter.scheduling.series_dates import upcoming

        named_things["next"] = next(d.local_time for d in upcoming(Series.objects.get(), now=timezone.now()))[
            :10
        ]
    if words[:2] == ("sources", "accept-change"):
        Source.objects.update(changed_since=timezone.now(), change="Most entries no longer have any text.")
    return [word.format(**named_things) if "{" in word else word for word in words]


@pytest.mark.parametrize(
    "group",
    [
        name
        if name in {"lists", "articles", "reviewers", "webhooks", "segments", "questions"}
        else pytest.param(name, marks=pytest.mark.full)
        for name in STEPS
    ],
)
def test_a_command_that_changes_something_is_in_the_log_with_old_and_new_values(group, things, cli):
    for step in STEPS[group]:
        last = AuditEntry.objects.order_by("pk").values_list("pk", flat=True).last() or 0
        result = cli(*ready_for(step, things))
        assert result.code == 0, (step, result)
        new = AuditEntry.objects.filter(pk__gt=last).exclude(actor="the system")
        assert new.exists(), step
        assert any(differs(entry.changes) for entry in new), (step, list(new.values("sentence", "changes")))
    for entry in AuditEntry.objects.all():
        assert not any(address in f"{entry.sentence} {entry.changes}" for address in ADDRESSES), entry
        assert GOOD not in f"{entry.changes}"


def differs(changes):
    hidden = "(not shown)"
    return any(old != new or old == hidden for old, new in changes.values())


class TestTheAdministration:
    """Every model that can be changed there has an act of its own here."""

    @pytest.fixture
    def post(self, admin_client):
        def send(path, **changes):
            """Post the form that the page gives, with changes."""
            page = admin_client.get(f"/admin/{path}")
            fields = {}
            for form in [page.context["adminform"].form]:
                fields |= {
                    name: value
                    for name, value in form.initial.items()
                    if value is not None and value is not False
                }
            for formset in page.context["inline_admin_formsets"]:
                rows = formset.formset
                fields |= {f"{rows.prefix}-TOTAL_FORMS": rows.initial_form_count()}
                fields |= {f"{rows.prefix}-INITIAL_FORMS": rows.initial_form_count()}
                for row in rows.initial_forms:
                    fields |= {
                        row.add_prefix(name): getattr(value, "pk", value)
                        for name, value in row.initial.items()
                        if value is not None and value is not False
                    }
                    fields[row.add_prefix("id")] = row.instance.pk
            fields |= {"selection": "{}", "sections": "[]"} if "publication/" in path else {}
            response = admin_client.post(f"/admin/{path}", fields | changes)
            assert response.status_code == 302, response.context and response.context["errors"]

        return send

    def test_all_models_that_can_be_changed_are_tried_here(self, admin_user, admin_client):
        admin_client.get("/admin/")  # the pages are registered by the first request
        request = RequestFactory().get("/")
        request.user = admin_user
        from newsletter.accounts.actor import Actor, Role, acting_as

        with acting_as(Actor("admin", frozenset({Role.ADMINISTRATOR}), admin_user.pk)):
            changed = {
                model.__name__
                for model, page in admin.site._registry.items()
                if page.has_change_permission(request)
                or page.has_add_permission(request)
                or page.has_delete_permission(request)
            }
        assert changed == {"User", "Publication", "Source", "Article", "Issue", "List"}

    def last(self, act):
        entry = AuditEntry.objects.filter(act=act).order_by("pk").last()
        assert entry is not None
        assert entry.actor == "admin"
        return entry.changes

    def test_a_publication_and_its_blocks(self, issue, post):  # noqa: F811
        path = f"newsletter/publication/{issue.publication_id}/change/"
        post(path, tagline="Hello")
        assert self.last("publication") == {"tagline": ["", "Hello"]}
        block = {"name": "help", "kind": "notice", "title": "Help", "body": "A boat.", "position": 1}
        new = {f"blocks-0-{name}": value for name, value in block.items()} | {"blocks-0-data": "{}"}
        post(path, **new, **{"blocks-TOTAL_FORMS": 1})
        assert self.last("block")["body"] == [None, "A boat."]
        post(path, **{"blocks-0-body": "A bigger boat.", "blocks-0-data": "{}"})
        assert self.last("block") == {"body": ["A boat.", "A bigger boat."]}
        post(path, **{"blocks-0-DELETE": "on", "blocks-0-data": "{}"})
        assert self.last("block")["body"] == ["A bigger boat.", None]

    def test_a_save_without_a_change_is_not_written_down(self, issue, post):  # noqa: F811
        post(f"newsletter/publication/{issue.publication_id}/change/")
        assert not AuditEntry.objects.exists()

    def test_a_publication_is_removed(self, publication, post, admin_client):  # noqa: F811
        admin_client.post(f"/admin/newsletter/publication/{publication.pk}/delete/", {"post": "yes"})
        assert not Publication.objects.exists()
        assert self.last("publication")["name"] == ["The Harbour Letter", None]

    def test_a_source(self, issue, post):  # noqa: F811
        source = Article.objects.get().source
        post(f"newsletter/source/{source.pk}/change/", title="Our site", language="en")
        assert self.last("source")["title"] == ["", "Our site"]

    def test_an_article(self, issue, post, admin_client):  # noqa: F811
        number = Article.objects.get().pk
        post(f"newsletter/article/{number}/change/", excluded="on")
        assert self.last("article") == {"excluded": [False, True]}
        act = {"action": "include_articles", "_selected_action": [number]}
        admin_client.post("/admin/newsletter/article/", act)
        assert self.last("article") == {"excluded": [True, False]}

    def test_an_issue(self, issue, post):  # noqa: F811
        post(f"newsletter/issue/{issue.pk}/change/", subject="Ebb")
        assert self.last("edit")["subject"] == ["Tides", "Ebb"]

    def test_a_list_and_its_topics(self, publication, post):  # noqa: F811
        path = f"subscribers/list/{publication.mailing_list_id}/change/"
        post(path, name="Harbour readers", double_opt_in="")
        changes = self.last("list")
        assert changes["name"] == ["Readers", "Harbour readers"]
        assert changes["double_opt_in"] == [True, False]
        readers = List.objects.get()
        topic = Topic.objects.create(list=readers, slug="tides", name="Tides")
        post(path, **{"topics-0-name": "Tides and winds"})
        assert self.last("topic")["name"] == ["Tides", "Tides and winds"]
        assert AuditEntry.objects.filter(thing=f"topic {topic.pk}").exists()

    def test_a_user(self, db, post, admin_client):
        just_now(admin_client)
        password = {"password1": GOOD, "password2": GOOD}
        admin_client.post("/admin/auth/user/add/", {"username": "ruth", "roles": ["editor"], **password})
        assert self.last("user")["roles"] == [None, ["editor"]]

        ruth = get_user_model().objects.get(username="ruth")
        post(f"auth/user/{ruth.pk}/change/", roles=["editor", "approver"], first_name="Ruth", is_active="on")
        assert self.last("user")["roles"] == [["editor"], ["approver", "editor"]]
        admin_client.post(f"/admin/auth/user/{ruth.pk}/password/", {**password, "set-password": "1"})
        assert self.last("user") == {"password": ["(not shown)", "(not shown)"]}
        admin_client.post(f"/admin/auth/user/{ruth.pk}/delete/", {"post": "yes"})
        assert self.last("user")["username"] == ["ruth", None]

    def test_ones_own_password(self, admin_client):
        old = {"old_password": "password", "new_password1": GOOD, "new_password2": GOOD}
        assert admin_client.post("/admin/password_change/", old).status_code == 302
        assert self.last("user") == {"password": ["(not shown)", "(not shown)"]}
