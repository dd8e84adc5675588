"""Renders the email about one correction in the look of the publication, with the same personal links as an issue."""

from copy import copy
from datetime import date

from newsletter.articles.models import Correction
from newsletter.issues.models import Issue
from newsletter.rendering.email_set import EmailSet
from newsletter.rendering.find_theme import find_theme
from newsletter.rendering.fixed_words import Words, words_in
from newsletter.rendering.read_contents import read_correction
from newsletter.rendering.render_email import for_each_language, render_contents
from subscribers.clean_text import on_one_line
from subscribers.models import List
from subscribers.phrases import shortened

LONGEST_SUBJECT = 150
LONGEST_PREHEADER = 150


def render_correction(
    issue: Issue, correction: Correction, day: date, *, mailing_list: List | None = None
) -> EmailSet:
    """Render the email about a correction to an article of an issue, with the notices about its topics. Nothing is
    stored.

    With `mailing_list`, it is for readers of this list instead of the publication’s: it names the list by which they
    get it. Raises as `render_email`. The correction's texts are shown as they are: nothing in them is a placeholder.
    """
    if mailing_list is not None:
        issue = _sent_through(mailing_list, issue)
    theme = find_theme(issue.publication.theme)
    words = words_in(issue.publication.language, theme.words)
    texts = {
        "subject": correction_subject(correction, words),
        "preheader": shortened(on_one_line(correction.text), LONGEST_PREHEADER),
        "opening": words.phrase(words["we_were_wrong"]),
    }
    contents = read_correction(issue, correction, theme, day)
    return for_each_language(
        contents, lambda each: render_contents(issue, each, theme, kind="correction", texts=texts)
    )


def _sent_through(mailing_list: List, issue: Issue) -> Issue:
    """Return a copy of an issue, in memory alone, whose publication has this list."""
    issue, publication = copy(issue), copy(issue.publication)
    publication.mailing_list = mailing_list
    issue.publication = publication
    return issue


def correction_subject(correction: Correction, words: Words) -> str:
    """Return the subject of the email about a correction."""
    title = shortened(on_one_line(correction.article.title), LONGEST_SUBJECT)
    return words["correction_to"].replace("{title}", title)
