"""The made-up issue in the look of a publication, to try colours, fonts and themes before they are saved."""

from dataclasses import replace

from newsletter.issues.models import Publication
from newsletter.rendering.choose_pictures import EmailPictures
from newsletter.rendering.email import Email
from newsletter.rendering.find_theme import find_theme
from newsletter.rendering.merge_tags import fill_tags
from newsletter.rendering.render_email import render_contents
from newsletter.rendering.sample_issue import READER, sample_contents, sample_issue


def sample_email_of(publication: Publication) -> Email:
    """Render the sample issue with the name, look and language of a publication, which need not be stored as it is.

    Raises Invalid, naming the setting, and NotFound if its theme does not exist.
    """
    theme = find_theme(publication.theme)
    issue = sample_issue(theme, publication.language)
    issue.publication = publication
    contents = sample_contents(theme, publication.language)
    identity = replace(
        contents.publication,
        name=publication.name,
        tagline=publication.tagline,
        organisation=publication.organisation,
        postal_address=tuple(publication.postal_address.splitlines()),
        logo=EmailPictures(publication, [], []).logo(),
    )
    return fill_tags(render_contents(issue, replace(contents, publication=identity), theme), READER)
