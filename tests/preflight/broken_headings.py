"""Introductions whose headings skip a level, and introductions whose headings do not."""

from newsletter.articles.models import Article
from tests.preflight.broken_emails import Broken, block_has, both, opening_says, publication_has


def an_article_has_no_address(issue):
    """The headline of an article below the first one has no link, as in a folder of Markdown files."""
    second = issue.items.order_by("position")[1]
    Article.objects.filter(pk=second.article_id).update(url="")


HEADINGS = "accessibility.headings"
BROKEN_HEADINGS = (
    Broken(
        HEADINGS, "“Places” (h4) follows an h2", opening_says("# Dates\n\nIn May.\n\n### Places\n\nLeeds.")
    ),
    Broken(
        HEADINGS,
        "“Places” (h6) follows an h2",
        opening_says("## Dates\n\nIn May.\n\n###### Places\n\nLeeds."),
    ),
    Broken(
        HEADINGS, "“Dates” (h4) follows an h1", opening_says("### Dates\n\nIn May.\n\n# Places\n\nLeeds.")
    ),
)
UNBROKEN_HEADINGS = (
    *(opening_says(f"{'#' * level} Dates\n\nIn May.") for level in range(1, 7)),
    opening_says("## Dates\n\nIn May.\n\n### Places\n\nLeeds.\n\n## People\n\nAda."),
    both(publication_has(theme="plain"), opening_says("# Dates\n\nIn May.\n\n## Places\n\nLeeds.")),
    block_has("notice", body="# Dates\n\nIn May."),
    an_article_has_no_address,
)
