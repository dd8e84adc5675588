"""Pictures that editors upload for the introduction of an issue, which shows them by a link in Markdown."""

from django.urls import reverse

from newsletter.articles.pictures.models import PictureFile
from newsletter.errors import Invalid, refuse_if
from newsletter.issues.item_pictures import uploaded_picture
from newsletter.issues.locked_draft import require_draft, why_not_write
from newsletter.issues.models import Issue
from newsletter.issues.page_urls import absolute_url
from subscribers.clean_text import folded

# Shown whole, as wide as the text.
PLACE = "promotion"
LONGEST_DESCRIPTION = 300
# Square brackets and backslashes have a meaning in Markdown.
_BRACKETS = str.maketrans("[]\\", "()/")


def introduction_picture(issue: Issue, data: bytes, description: str) -> str:
    """Store an uploaded picture and return the Markdown that shows it. The introduction itself is not changed.

    Raises Invalid without a description, or if the file cannot be shown, and Refused if the issue cannot be changed.
    """
    refuse_if(why_not_write(require_draft(issue)))
    described = folded(description)
    if not described:
        raise Invalid("Describe the picture in a few words, for readers who cannot see it.")
    if len(described) > LONGEST_DESCRIPTION:
        raise Invalid(
            f"The description can have up to {LONGEST_DESCRIPTION} characters. This one has "
            f"{len(described):,}."
        )
    original = uploaded_picture(data, frozenset({PLACE}))
    file = PictureFile.objects.defer("content").get(versions__original=original, versions__place=PLACE)
    address = absolute_url(reverse("media", args=[file.name]))
    return f"![{described.translate(_BRACKETS)}]({address})"
