"""Write an article in the desk, in Markdown, to edit it later. It takes the same steps as one that a source brings."""

import html
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from newsletter.accounts import audit_log
from newsletter.accounts.actor import ANY, Role, require_role
from newsletter.accounts.audit_log import Changes, changes_between, values_of
from newsletter.accounts.form_idempotency import once
from newsletter.articles.article_keys import key_of
from newsletter.articles.editor_article_sources import source_of_kind
from newsletter.articles.incoming_article import IncomingArticle
from newsletter.articles.models import Article, Source, WrittenArticle
from newsletter.articles.pictures.models import OriginalPicture
from newsletter.articles.search_words import topic_key
from newsletter.articles.steps.identity_keys import add_keys
from newsletter.articles.steps.plain_text import LONGEST_TOPIC
from newsletter.articles.write_article_rows import fields_of
from newsletter.errors import Invalid, InvalidFields, Refused
from newsletter.http.web_addresses import normalise_url, url_key
from subscribers.clean_text import folded

# The width of Article.title.
LONGEST_TITLE = 500
LONGEST_TEXT = 100_000
MOST_TOPICS = 20
RECORDED = ("title", "standfirst", "body_html", "authors", "topics", "url", "image_alt", "picture")


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenText:
    """What an editor writes: a headline, and a text in Markdown or the address of a page, or both.

    Without a standfirst, the beginning of the text is used. A picture needs a description. Topics are separated by
    commas.
    """

    title: str
    markdown: str = ""
    standfirst: str = ""
    author: str = ""
    topics: str = ""
    url: str = ""
    picture: OriginalPicture | None = None
    picture_alt: str = ""


def write_article(
    text: WrittenText, *, form_key: str | None = None, wrong: Mapping[str, str] | None = None
) -> Article:
    """Keep a new article, which the next issues can use. Raises InvalidFields, and Refused unless an editor writes.

    `wrong` says what the caller has found wrong with fields of the text.
    Raises AlreadyMadeError with the article's number if the form with this key has made one.
    """
    require_role(Role.AUTHOR, "Writing an article", publication=ANY)
    now = timezone.now()
    source = source_of_kind(Source.Kind.WRITTEN)
    found = _passed(text, source, wrong)
    with transaction.atomic(), once(form_key) as form:
        _require_new_address(found.url_key)
        article = Article.objects.create(
            source=source,
            identity=key_of("written", uuid.uuid4()),
            found_at=now,
            published_at=now,
            **_fields(found, text),
        )
        WrittenArticle.objects.create(article=article, markdown=_markdown(text), changed_at=now)
        audit_log.write(
            "article",
            f"Wrote “{article.title[:200]}”.",
            thing=f"article {article.pk}",
            changes=changes_between({}, values_of(article, RECORDED)),
        )
        form.made = str(article.pk)
    return article


def written_text(article: Article) -> WrittenText:
    """Return what an editor wrote, to edit it. Raises Refused for an article that was not written here."""
    written = WrittenArticle.objects.filter(article=article).first()
    if written is None:
        raise Refused(
            f"You cannot change the text of “{article.title[:200]}” here, because it comes from a website."
        )
    return WrittenText(
        title=article.title,
        markdown=written.markdown,
        standfirst=article.standfirst,
        author=", ".join(map(str, article.authors)),
        topics=", ".join(map(str, article.topics)),
        url=article.url,
        picture=article.picture,
        picture_alt=article.image_alt,
    )


def text_version(article: Article) -> str:
    """Return a digest of a written article, which tells one version from another."""
    text = written_text(article)
    return key_of(
        text.title,
        text.markdown,
        text.standfirst,
        text.author,
        text.topics,
        text.url,
        article.picture_id,
        text.picture_alt,
    )


def change_written(article: Article, text: WrittenText, *, wrong: Mapping[str, str] | None = None) -> Changes:
    """Give an article that was written here, and that the caller has locked, another text; return what changed.

    It neither checks a role nor records the change: call `edit_written`, which does both. Raises InvalidFields.
    """
    before = values_of(article, RECORDED)
    found = _passed(text, article.source, wrong)
    if found.url_key != article.url_key:
        _require_new_address(found.url_key)
    fields = _fields(found, text)
    if fields["content_hash"] != article.content_hash:
        fields["edited_at"] = timezone.now()
    for name, value in fields.items():
        setattr(article, name, value)
    article.save(update_fields=list(fields))
    WrittenArticle.objects.filter(article=article).update(markdown=_markdown(text), changed_at=timezone.now())
    return changes_between(before, values_of(article, RECORDED))


def _passed(text: WrittenText, source: Source, wrong: Mapping[str, str] | None) -> IncomingArticle:
    """Return the text as an article that has passed all steps, with its keys."""
    # The readers of all formats are slow to load, and most pages of the desk need none.
    from newsletter.articles.formats.markdown import rendered
    from newsletter.articles.ingest import pass_steps

    _check(text, wrong)
    found = pass_steps(
        IncomingArticle(
            title=html.escape(text.title.strip(), quote=False),
            html=rendered(_markdown(text)),
            summary_html=html.escape(text.standfirst.strip(), quote=False),
            authors=(html.escape(text.author.strip(), quote=False),) if text.author.strip() else (),
            topics=tuple(html.escape(topic, quote=False) for topic in _topics(text)),
            url=normalise_url(text.url.strip()) if text.url.strip() else "",
        ),
        source_language=source.language,
    )
    add_keys(found, source.pk)
    return found


def _check(text: WrittenText, wrong: Mapping[str, str] | None) -> None:
    """Raise InvalidFields with everything that is wrong. `wrong` is what the caller has found."""
    title, topics = text.title.strip(), _topics(text)
    found: dict[str, str] = {}
    if not title:
        found["title"] = "Enter a headline."
    elif len(title) > LONGEST_TITLE:
        found["title"] = f"The headline can have up to 500 characters. This one has {len(title):,}."
    if not text.markdown.strip() and not text.url.strip():
        found["markdown"] = "Write the text, or enter the address of the page where readers can find it."
    elif len(text.markdown) > LONGEST_TEXT:
        found["markdown"] = (
            f"The text can have up to {LONGEST_TEXT:,} characters. Yours has {len(text.markdown):,}."
        )
    if len(topics) > MOST_TOPICS or any(len(topic) > LONGEST_TOPIC for topic in topics):
        found["topics"] = (
            f"Enter up to {MOST_TOPICS} topics of up to {LONGEST_TOPIC} characters, separated by commas."
        )
    if text.url.strip() and (why_not := _why_not_address(text.url.strip())):
        found["url"] = why_not
    if text.picture and not text.picture_alt.strip():
        found["picture_alt"] = "Describe the picture in a few words, for readers who cannot see it."
    found |= wrong or {}
    if found:
        raise InvalidFields(found)


def _why_not_address(address: str) -> str:
    try:
        place = url_key(normalise_url(address))
    except Invalid as error:
        return str(error)
    return "" if place else "Enter the address of a page, such as https://www.example.org/appeal."


def _require_new_address(key: str) -> None:
    known = Article.objects.filter(url_key=key).first() if key else None
    if known:
        raise InvalidFields(
            {
                "url": f"We already have an article from this address: “{known.title[:200]}”. Change that article "
                "instead."
            }
        )


def _fields(found: IncomingArticle, text: WrittenText) -> dict[str, object]:
    alt = text.picture_alt.strip()[:500] if text.picture else ""
    fields = {name: value for name, value in fields_of(found).items() if name != "published_at"}
    return fields | {"picture": text.picture, "image_alt": alt}


def _topics(text: WrittenText) -> list[str]:
    """Return the topics without repetitions, as they are compared."""
    topics = [folded(topic) for topic in text.topics.replace("\n", ",").split(",")]
    return list({topic_key(topic): topic for topic in reversed(topics) if topic}.values())[::-1]


def _markdown(text: WrittenText) -> str:
    return text.markdown.replace("\r\n", "\n").replace("\0", "").strip()
