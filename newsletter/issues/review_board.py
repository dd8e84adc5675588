"""Whether a publication has a review board: people with the role board, who answer what readers question."""

from newsletter.accounts.actor import Role
from newsletter.accounts.role_holders import holders
from newsletter.errors import InvalidFields
from newsletter.issues.models import Publication

NO_BOARD = (
    "Nobody has the board role for this newsletter. Administrators can answer questions, but only people with the "
    "board role are notified of new ones. Give it to yourself or somebody else under “People”. Then turn this on."
)


def require_review_board(publication: Publication) -> None:
    """Raise InvalidFields unless somebody has the role board for a publication."""
    key: int | None = publication.pk
    if not holders([Role.BOARD], publication=key).exists():
        raise InvalidFields({"takes_questions": NO_BOARD})
