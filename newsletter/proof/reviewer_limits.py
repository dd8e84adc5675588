"""How often people without an account can comment: limits for each link, each network and each issue."""

from datetime import timedelta

from newsletter.errors import Refused
from newsletter.proof.models import ProofComment, ProofLink
from subscribers import rate_limits
from subscribers.network_addresses import plain_network_address

HOUR = timedelta(hours=1)
ACTS_OF_LINK, ACTS_OF_NETWORK, VIEWS_OF_LINK = 60, 240, 1_000
COMMENTS_OF_LINK, COMMENTS_ON_ISSUE = 200, 1_000


class TooOftenError(Refused):
    """A limit is reached. Nothing was stored."""

    again_helps = True


def require_within_limits(link: ProofLink, network: str) -> None:
    """Count one act by a link from a network. Raises TooOftenError if there were too many in this hour.

    The network is not stored: only a digest of it is counted (subscribers/rate_limits.py).
    """
    is_within = rate_limits.is_within_limit
    of_network = rate_limits.network_of(plain_network_address(network))
    if not is_within("proof link", str(link.pk), at_most=ACTS_OF_LINK, span=HOUR):
        raise TooOftenError("This link has been used too often in the last hour. Try again in an hour.")
    if not is_within("proof from", of_network, at_most=ACTS_OF_NETWORK, span=HOUR):
        raise TooOftenError(
            "There have been too many comments and signatures from your network in the last hour. Try again in an hour."
        )


def require_room_for_comment(link: ProofLink) -> None:
    """Raise TooOftenError if a link, or the issue, already has as many comments as it can have."""
    if link.comments.count() >= COMMENTS_OF_LINK:
        raise TooOftenError(
            f"You have written {COMMENTS_OF_LINK} comments on this issue, which is the maximum. Send your other "
            "comments to the editors by email."
        )
    if ProofComment.objects.filter(issue=link.issue_id).count() >= COMMENTS_ON_ISSUE:
        raise TooOftenError(
            f"This issue already has {COMMENTS_ON_ISSUE:,} comments, which is the maximum. Send your comments to the "
            "editors by email."
        )


def require_within_views(link: ProofLink) -> None:
    """Count one page shown by a link. Raises TooOftenError if there were too many in this hour."""
    if not rate_limits.is_within_limit("proof page", str(link.pk), at_most=VIEWS_OF_LINK, span=HOUR):
        raise TooOftenError("This link has been opened too often in the last hour. Try again in an hour.")
