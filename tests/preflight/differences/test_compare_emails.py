"""Each edit of an email appears once in its differences, in words that name the article and the sentence."""

import pytest

from newsletter.articles.models import Article
from newsletter.issues.models import Issue, IssueBlock, Item, Publication
from newsletter.preflight.differences.compare_emails import compare_emails
from newsletter.preflight.differences.email_parts import parts_of
from newsletter.rendering.render_email import render_email

LEAD, SECOND, THIRD = "Tides explained", "Why the quay floods", "A boat comes home"


@pytest.fixture(params=["classic", "plain"])
def long_issue(issue, request):
    """An issue of three articles with two sentences each, a picture and a block, in both themes."""
    publication = issue.publication
    publication.theme = request.param
    publication.save()
    source = Article.objects.get().source
    for number, title in enumerate((SECOND, THIRD), start=1):
        article = Article.objects.create(
            source=source,
            url=f"https://harbour.example.org/{number}",
            identity=str(number),
            title=title,
            found_at=issue.composed_at,
        )
        Item.objects.create(issue=issue, article=article, position=number)
    Article.objects.update(standfirst="The moon pulls the sea twice a day. Nobody saw it for years.")
    Issue.objects.update(opening="Dear reader, here is the news. Read on.", subject="Tides")
    IssueBlock.objects.create(issue=issue, kind="notice", content=block("We rest then."))
    return Issue.objects.get()


def block(body):
    return {"title": "Closed on Monday", "body": body}


def article(title):
    return Article.objects.filter(title=title)


EDITS = {
    "subject": (lambda: Issue.objects.update(subject="Ebb"), ["The subject was changed."]),
    "preheader": (lambda: Issue.objects.update(preheader="Inside"), ["The preheader was added: “Inside”."]),
    "sender": (
        lambda: Publication.objects.update(sender_name="The Harbour"),
        ["The sender's name was changed."],
    ),
    "reply address": (
        lambda: Publication.objects.update(reply_to="us@harbour.example.org"),
        ["The reply address was changed."],
    ),
    "removed": (
        lambda: Item.objects.filter(article__title=THIRD).update(dropped=True),
        [f"The article “{THIRD}” was removed."],
    ),
    "moved": (
        lambda: (
            Item.objects.filter(article__title=SECOND).update(position=7),
            Item.objects.filter(article__title=THIRD).update(position=1),
        ),
        ["was moved."],
    ),
    "headline": (
        lambda: article(SECOND).update(title="Why the quay always floods"),
        [f"The headline “{SECOND}” was changed."],
    ),
    "sentence of the lead": (
        lambda: article(LEAD).update(
            standfirst="The moon pulls the sea twice a day. Nobody saw it for ages."
        ),
        [f"In “{LEAD}”, a sentence was changed."],
    ),
    "sentence": (
        lambda: article(THIRD).update(standfirst="The moon pulls the sea twice a day."),
        [f"In “{THIRD}”, this was removed: “Nobody saw it for years.”"],
    ),
    "added sentence": (
        lambda: article(THIRD).update(
            standfirst="The moon pulls the sea twice a day. Nobody saw it for years. Ships wait."
        ),
        [f"In “{THIRD}”, this was added: “Ships wait.”"],
    ),
    "author": (
        lambda: article(SECOND).update(authors=["Jo Bloggs"]),
        [f"In “{SECOND}”, this was added: “By Jo Bloggs”"],
    ),
    "introduction": (
        lambda: Issue.objects.update(opening="Dear reader, here is the news. Read on."[:-8] + "Enjoy it."),
        [
            "In the introduction, this was removed: “Read on.”",
            "In the introduction, this was added: “Enjoy it.”",
        ],
    ),
    "block": (
        lambda: IssueBlock.objects.update(content=block("We rest then and on Tuesday.")),
        ["a sentence was changed."],
    ),
    "colour": (
        lambda: Publication.objects.update(accent_colour="#aa0000"),
        ["Only the layout or the style has changed."],
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_each_edit_appears_once_in_words(long_issue, name):
    urls = set(Article.objects.values_list("url", flat=True))
    edit, said = EDITS[name]
    before = render_email(long_issue)
    assert compare_emails(before, render_email(Issue.objects.get()), urls) == []
    edit()
    found = [each.sentence for each in compare_emails(before, render_email(Issue.objects.get()), urls)]
    assert len(found) == len(said), found
    assert all(each in whole for each, whole in zip(said, found, strict=True)), found


def test_the_articles_are_read_in_order_with_their_own_sentences(long_issue):
    parts = parts_of(render_email(long_issue), set(Article.objects.values_list("url", flat=True)))
    assert [each.title for each in parts.articles.values()] == [LEAD, SECOND, THIRD]
    for each in parts.articles.values():
        assert each.sentences[:2] == ["The moon pulls the sea twice a day.", "Nobody saw it for years."]
    assert parts.introduction.sentences == ["Dear reader, here is the news.", "Read on."]
    assert "Read on." not in parts.around.sentences
