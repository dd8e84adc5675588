"""Pictures that editors upload for an article in one issue. They become the same files as the pictures of articles."""

from django.utils import timezone

from newsletter.accounts.actor import Role, require_role
from newsletter.articles.pictures.models import OriginalPicture
from newsletter.articles.pictures.picture_versions import ARTICLE, UnsuitableError
from newsletter.articles.pictures.rewrite_process import OutOfTimeError, rewrite_apart
from newsletter.articles.pictures.store_pictures import store_uploaded
from newsletter.errors import Invalid
from newsletter.issues.edit_issue import check_item
from newsletter.issues.models import Issue
from newsletter.issues.open_draft import open_draft

LARGEST_UPLOAD = 15_000_000


def uploaded_picture(data: bytes, places: frozenset[str] = ARTICLE) -> OriginalPicture:
    """Store a picture that an editor uploads, in the sizes for some places: without them, those of an article.

    Raises Invalid with a sentence if the file cannot be shown in an email, and Refused unless an editor uploads it.
    """
    require_role(Role.EDITOR, "Uploading a picture")
    if len(data) > LARGEST_UPLOAD:
        raise Invalid(f"The picture is larger than {LARGEST_UPLOAD:,} bytes. Make it smaller.")
    try:
        made = rewrite_apart(data, places)
    except UnsuitableError as error:
        raise Invalid(f"We cannot use this picture. {error} Choose another picture.") from error
    except OutOfTimeError as error:
        raise Invalid("Other pictures are being prepared. Try again in a minute.") from error
    return store_uploaded(data, made, timezone.now())


def set_picture(issue: Issue, article: int, picture: OriginalPicture, alt: str) -> None:
    """Show an uploaded picture with an article in this issue, with a description for readers who cannot see it.

    Raises Invalid without a description.
    """
    if not alt.strip():
        raise Invalid(
            f"Describe the picture of article {article} in a few words, for readers who cannot see it."
        )
    with open_draft(issue, f"Gave article {article} another picture.") as draft:
        item = draft.item(article)
        item.picture, item.picture_alt = picture, alt.strip()
        check_item(item)
        item.save(update_fields=["picture", "picture_alt"])


def restore_picture(issue: Issue, article: int) -> None:
    """Show an article's own picture again."""
    with open_draft(issue, f"Gave article {article} its own picture again.") as draft:
        item = draft.item(article)
        item.picture, item.picture_alt = None, ""
        item.save(update_fields=["picture", "picture_alt"])
