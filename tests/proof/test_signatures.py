"""A signature counts while every byte that a reader would see of its part is the same, and no longer."""

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest

from newsletter.accounts.actor import Actor, Role
from newsletter.articles.models import Article, Reference
from newsletter.errors import NewsletterError, Refused
from newsletter.issues import edit_issue_articles, edit_issue_blocks, edit_issue_texts, item_pictures
from newsletter.issues.change_publications import edit_block, edit_publication
from newsletter.issues.models import AuditEntry, Issue
from newsletter.issues.move_in_order import move_before
from newsletter.proof.models import Signature
from newsletter.proof.parts_now import parts_now
from newsletter.proof.signatures import (
    sign,
    sign_by_link,
    signatures_now,
    withdraw_signature,
    withdraw_signature_by_link,
)
from newsletter.rendering.email_parts import EmailParts
from newsletter.rendering.find_theme import find_theme
from newsletter.rendering.read_contents import read_contents
from tests.full import examples
from tests.preflight.good_emails import good_issue
from tests.proof.conftest import NETWORK
from tests.scheduling.conftest import NOON

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 30)
# Each of these shows in every part.
LOOK = ("theme", "language", "accent_colour", "accent_colour_dark", "heading_font", "body_font")
# And these in the email around its parts.
AROUND = (
    *("name", "tagline", "organisation", "website", "postal_address", "reason", "sender_name", "reply_to"),
    *("sender_address", "first_name_fallback", "sender_name_ascii"),
)


@pytest.fixture
def signs(issue, share):
    """Dr Okafor signs: `signs("email")`."""
    link = share()

    def write(part, *, seen=None):
        seen = parts_now(issue).digest(part) if seen is None else seen
        return sign_by_link(link.token, part, seen=seen, network=NETWORK)

    return write


def standing(issue):
    return {each.signature.part for each in signatures_now(issue) if each.stands}


def test_parts_are_signed_by_reviewers_and_by_people_of_the_desk(issue, articles, signs, ruth, by):
    article = f"article-{articles[0]}"
    signs(article)
    signs("block-appeal")
    by(ruth, sign, issue, "email", seen=parts_now(issue).digest("email"))
    assert {each.signature.author_name for each in signatures_now(issue)} == {"Dr Okafor", "ruth"}
    assert standing(issue) == {article, "block-appeal", "email"}
    assert [entry.act for entry in AuditEntry.objects.exclude(act="proof-link")] == ["sign"] * 3


def test_what_changed_after_it_was_read_is_not_signed(issue, articles, signs):
    article = f"article-{articles[0]}"
    seen = parts_now(issue).digest(article)
    edit_issue_articles.set_headline(issue, articles[0], "Another headline")
    with pytest.raises(Refused, match="has changed since you opened"):
        signs(article, seen=seen)
    with pytest.raises(Refused, match="no longer in the email"):
        signs("article-999999999", seen="")


def test_two_clicks_at_once_make_one_signature(issue, signs):
    assert signs("email") == signs("email")
    assert Signature.objects.count() == 1
    assert AuditEntry.objects.filter(act="sign").count() == 1


def test_a_part_that_changed_is_signed_again(issue, articles, signs):
    article = f"article-{articles[0]}"
    signs(article)
    edit_issue_articles.set_headline(issue, articles[0], "Another headline")
    assert standing(issue) == set()
    signs(article)
    assert standing(issue) == {article}
    assert Signature.objects.count() == 1


def test_a_signature_can_be_withdrawn_by_its_signer_alone(issue, signs, share, ruth, by):
    signs("email")
    withdraw_signature_by_link(share("Max").token, "email", network=NETWORK)
    by(ruth, withdraw_signature, issue, "email")
    assert standing(issue) == {"email"}
    link = Signature.objects.get().link
    withdraw_signature_by_link(link.token, "email", network=NETWORK)
    assert standing(issue) == set()


def test_nobody_signs_at_the_desk_without_an_account_and_a_role(issue, by):
    for somebody in (Actor("sam", frozenset(), 9), Actor("cli", frozenset({Role.EDITOR}))):
        with pytest.raises(Refused, match="you need an account with a role"):
            by(somebody, sign, issue, "email", seen=parts_now(issue).digest("email"))


def test_a_signature_does_not_end_because_a_day_has_passed(issue, signs, clock):
    parts = {part.name for part in parts_now(issue).all}
    for part in parts:
        signs(part)
    clock.shift(timedelta(days=2))
    assert standing(issue) == parts


def test_an_issue_that_cannot_be_rendered_has_no_signature_that_counts(issue, signs):
    signs("email")
    type(issue.publication).objects.update(accent_colour="#nope")
    assert standing(issue.__class__.objects.get()) == set()


def test_an_article_that_becomes_the_lead_looks_different(issue, articles):
    """Its picture and headline are larger there, and the last lead's are smaller. The third stays as it is."""
    before = digests(issue)
    edit_issue_articles.make_lead(issue, articles[1])
    changed = changed_parts(before, digests(issue))
    assert changed == {"email", f"article-{articles[0]}", f"article-{articles[1]}"}


def test_moving_an_article_touches_the_whole_email_alone(issue, articles):
    before = digests(issue)
    move_before(issue, f"article:{articles[2]}", f"article:{articles[1]}", section="Opinion")
    assert changed_parts(before, digests(issue)) == {"email"}


@pytest.mark.parametrize("theme", ["classic", "plain"])
@pytest.mark.parametrize("seed", range(3))
def test_random_edits_void_exactly_the_signatures_of_the_parts_that_a_reader_sees_changed(
    db, home, theme, seed
):
    """What a reader sees is worked out from the contents and settings of the email, not from how it is rendered."""
    issue = good_issue(articles=5, theme=theme)
    chance = random.Random(f"{theme} {seed}")
    edits = Edits(issue, chance)
    seen, before = what_readers_see(issue), digests(issue)
    tried = set()
    for _ in range(examples(30)):
        edit = chance.choice(edits.all)
        tried.add(edit.__name__)
        try:
            edit()
        except NewsletterError:
            continue
        now_seen, now = what_readers_see(issue), digests(issue)
        assert changed_parts(before, now) == changed_parts(seen, now_seen), edit.__name__
        seen, before = now_seen, now
    assert len(tried) > examples(30) // 4


def digests(issue):
    parts = EmailParts(Issue.objects.select_related("publication").get(pk=issue.pk), DAY)
    return {part.name: parts.digest(part.name) for part in parts.all}


def changed_parts(before, after):
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def what_readers_see(issue):
    """Return what decides how a reader sees each part, by its name."""
    issue = Issue.objects.select_related("publication__mailing_list").get(pk=issue.pk)
    publication = issue.publication
    contents = read_contents(issue, find_theme(publication.theme), DAY)
    look = tuple(getattr(publication, name) for name in LOOK)
    around = tuple(getattr(publication, name) for name in AROUND)
    texts = (issue.subject, issue.preheader, issue.opening)
    lead, sections = contents.lead, contents.sections
    is_named = publication.theme == "classic" and (not sections or sections[0].title != contents.section)
    section_of_lead = contents.section if is_named else ""
    found = {"first-lines": (look, texts[:2])}
    if issue.opening:
        found["opening"] = (look, texts[2])
    # Their email ends with “Was this useful?”.
    of_articles = (look, publication.ask_useful)
    if lead:
        found[f"article-{lead.number}"] = (of_articles, "lead", section_of_lead, replace(lead, before=()))
    for section in sections:
        for story in section.stories:
            found[f"article-{story.number}"] = (of_articles, replace(story, before=()))
    for block in contents.blocks:
        picture = contents.pictures.get(block.name)
        found[f"block-{block.name}"] = (look, replace(block, placed=False), picture)
    found["email"] = (of_articles, around, texts, replace(contents, date="", section=section_of_lead))
    return found


class Edits:
    """Changes as people and sources make them, each with what chance chooses."""

    def __init__(self, issue, chance):
        self.issue, self.chance = issue, chance
        # The plain theme shows this colour only where there is a link.
        left_out = {"edit_look"} if issue.publication.theme == "plain" else set()
        own = (name for name in dir(self) if name.startswith("edit_") and name not in left_out)
        self.all = [getattr(self, name) for name in own]

    def article(self):
        return self.chance.choice(list(self.issue.items.values_list("article", flat=True)))

    def block(self):
        return self.chance.choice(["appeal", "promotion", "community", "notice", "social", "copyright"])

    def one_character_more(self, text):
        at = self.chance.randrange(len(text) + 1)
        return f"{text[:at]}{self.chance.choice('aé.-x')}{text[at:]}"

    def publication(self, **changes):
        edit_publication(self.issue.publication, changes)

    def edit_subject(self):
        edit_issue_texts.set_subject(self.issue, self.one_character_more(self.issue.subject))

    def edit_preheader(self):
        edit_issue_texts.set_preheader(self.issue, self.one_character_more(self.issue.preheader))

    def edit_opening(self):
        edit_issue_texts.set_opening(
            self.issue, self.chance.choice(["", "Hello.", f"Hello {self.chance.random()}."])
        )

    def edit_headline(self):
        edit_issue_articles.set_headline(self.issue, self.article(), f"A headline {self.chance.random()}")

    def edit_text(self):
        text = f"A text with {self.chance.random()} in it."
        edit_issue_articles.set_blurb(self.issue, self.article(), self.chance.choice(["", text]))

    def edit_alt(self):
        item_pictures.set_picture_alt(self.issue, self.article(), f"A picture of {self.chance.random()}")

    def edit_without_picture(self):
        item_pictures.remove_picture(self.issue, self.article())

    def edit_with_picture(self):
        item_pictures.restore_picture(self.issue, self.article())

    def edit_link(self):
        url = f"https://example.org/{self.chance.random()}/"
        Article.objects.filter(pk=self.article()).update(url=url)

    def edit_authors(self):
        Article.objects.filter(pk=self.article()).update(authors=[f"Jo {self.chance.random()}"])

    def edit_picture(self):
        Article.objects.filter(pk=self.article()).update(
            image_url=f"https://example.org/{self.chance.random()}.jpg"
        )

    def edit_references(self):
        Reference.objects.create(
            article_id=self.article(), citation=f"A study {self.chance.random()}", kind=Reference.Kind.STUDY
        )

    def edit_pin(self):
        edit_issue_articles.pin(self.issue, self.article())

    def edit_lead(self):
        edit_issue_articles.make_lead(self.issue, self.article())

    def edit_position(self):
        edit_issue_articles.move(self.issue, self.article(), to=self.chance.randrange(1, 6))

    def edit_section(self):
        section = self.chance.choice(["Research", "Opinion", "", "New"])
        edit_issue_articles.move_to_section(self.issue, self.article(), section)

    def edit_drop(self):
        edit_issue_articles.drop(self.issue, self.article())

    def edit_restore(self):
        edit_issue_articles.restore_dropped(self.issue, self.article())

    def edit_block_of_issue(self):
        title = f"A block {self.chance.random()}"
        edit_issue_blocks.edit_block(self.issue, "notice", title=title, body="Text.", data={})

    def edit_block_place(self):
        move_before(self.issue, f"block:{self.block()}", f"article:{self.article()}")

    def edit_block_hidden(self):
        edit_issue_blocks.hide_block(self.issue, self.block())

    def edit_block_shown(self):
        edit_issue_blocks.show_block(self.issue, self.block())

    def edit_standing_block(self):
        edit_block(self.issue.publication, "copyright", {"body": f"© {self.chance.random()}"})

    def edit_look(self):
        self.publication(accent_colour=f"#0b{self.chance.randrange(40, 60)}7a")

    def edit_font(self):
        self.publication(body_font=self.chance.choice(["Georgia, serif", "Arial, sans-serif"]))

    def edit_asks_useful(self):
        publication = self.issue.publication
        publication.ask_useful = not publication.ask_useful
        publication.save()

    def edit_postal_address(self):
        self.publication(postal_address=f"The Example Trust\n{self.chance.randrange(99)} Street")

    def edit_sender(self):
        self.publication(sender_name=f"News {self.chance.randrange(99)}")

    def edit_tagline(self):
        self.publication(tagline=f"News {self.chance.randrange(99)}")

    def edit_undo_minutes(self):
        self.publication(undo_minutes=str(self.chance.randrange(1, 30)))


assert NOON.date() == DAY
