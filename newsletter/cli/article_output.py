"""What the commands for articles print: articles, and what a fetch did with its sources."""

from datetime import datetime
from typing import Any

from newsletter.articles.models import Article


def document_of(article: Article) -> dict[str, Any]:
    """Return an article for programs, without its body."""
    from newsletter.issues.change_references import shown_references

    return {
        "id": article.pk,
        "title": article.title,
        "url": article.url,
        "source": article.source.name,
        "published_at": article.published_at,
        "standfirst": article.standfirst,
        "authors": article.authors,
        "topics": article.topics,
        "language": article.language,
        "image_url": article.image_url,
        "image_alt": article.image_alt,
        "duration_seconds": article.duration_seconds,
        "found_at": article.found_at,
        "edited_at": article.edited_at,
        "withdrawn_at": article.withdrawn_at,
        "waiting_since": article.waiting_since,
        "excluded": article.excluded,
        "references": [
            {"kind": it.kind, "citation": it.citation, "link": it.link} for it in shown_references(article)
        ],
        "corrections": [
            {"corrected_on": it.corrected_on, "text": it.text} for it in article.corrections.all()
        ],
    }


def sentence_of(report: Any) -> str:
    """Describe in one line what a fetch did with one source."""
    from newsletter.http.web_addresses import without_credentials

    name = report.source.name or without_credentials(report.source.location)
    if report.error:
        again = (
            f" We will try again after {report.next_attempt_at:%d %b %H:%M} UTC. To try now, run "
            "`newsletter articles fetch NAME`."
            if report.next_attempt_at
            else ""
        )
        return f"{report.error}{again}" if name in report.error else f"{name}: {report.error}{again}"
    if report.unchanged:
        said = f"{name}: nothing has changed since the last fetch."
    else:
        counts = report.counts
        said = (
            f"{name}: {counts.added} added, {counts.changed} changed, {counts.unchanged} unchanged, "
            f"{counts.withdrawn} withdrawn."
        )
    if report.source.changed_since:
        said += (
            f" The source has changed: {report.source.change} Its new articles cannot be used until "
            f"you accept the change. If it is correct, run `newsletter sources accept-change {report.source.name}`."
        )
    later = f" The next fetch will read the rest: {report.incomplete}" if report.incomplete else ""
    return said + later


def report_document(report: Any) -> dict[str, Any]:
    """Return for programs what a fetch did with one source."""
    from newsletter.http.web_addresses import without_credentials

    return {
        "source": report.source.name or without_credentials(report.source.location),
        "added": report.counts.added,
        "changed": report.counts.changed,
        "unchanged": report.counts.unchanged,
        "withdrawn": report.counts.withdrawn,
        "waiting": report.counts.waiting,
        "change": report.source.change,
        "nothing_new": report.unchanged,
        "error": report.error,
        "incomplete": report.incomplete,
        "next_attempt_at": report.next_attempt_at,
    }


def marks_of(article: Article) -> list[str]:
    """Return the states of an article that a list names."""
    marks = {
        "withdrawn": article.withdrawn_at,
        "excluded": article.excluded,
        "waiting": article.waiting_since,
        "edited": article.edited_at,
    }
    return [mark for mark, holds in marks.items() if holds]


def for_people(value: Any) -> str:
    """Return a value of a document as people read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%d %b %Y %H:%M} UTC"
    if isinstance(value, list):
        return "\n".join(
            ", ".join(str(part) for part in item.values() if part) if isinstance(item, dict) else str(item)
            for item in value
        )
    return "" if value is None else str(value)
