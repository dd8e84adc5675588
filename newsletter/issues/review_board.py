"""Whether a publication has a review board: people with the role board, who answer what readers question."""

from newsletter.accounts.actor import Role
from newsletter.accounts.role_holders import holders
from newsletter.errors import InvalidFields
from newsletter.issues.models import Publication

NO_BOARD = (
    "Nobody has the board role for this newsletter. Give it to somebody under “People”, so that readers’ "
    "questions reach them. Then turn this on."
)


def require_review_board(publication: Publication) -> None:
    """Raise InvalidFields unless somebody has the role board for a publication."""
    key: int | None = publication.pk
    if not holders([Role.BOARD], publication=key).exists():
        raise InvalidFields({"takes_questions": NO_BOARD})
