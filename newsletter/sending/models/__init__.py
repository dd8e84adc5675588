"""The ledger: a mailing, its batches, the outcome of every recipient, and who decided what.

The rows are the truth; engines only tell free workers to do the next batch. A recipient row has no address: it refers
to the subscriber, and if that person is erased, the row still counts but identifies nobody.
"""

from newsletter.sending.models.batch import Batch
from newsletter.sending.models.mailing import Mailing
from newsletter.sending.models.mailing_decision import Decision
from newsletter.sending.models.recipient import NoSuchMailbox, Recipient
from newsletter.sending.models.repeated_failure import FailingWork
from newsletter.sending.models.sending_totals import SendingDay, SendRecord
from newsletter.sending.models.suppression_sync import SuppressionSync
from newsletter.sending.models.test_emails import ProofGroup, TestRequest
from newsletter.sending.models.uncertain_posts import EarlierAcceptance, UntracedPost
from newsletter.sending.models.variant import Variant

__all__ = (
    "Batch",
    "Decision",
    "EarlierAcceptance",
    "FailingWork",
    "Mailing",
    "NoSuchMailbox",
    "ProofGroup",
    "Recipient",
    "SendRecord",
    "SendingDay",
    "SuppressionSync",
    "TestRequest",
    "UntracedPost",
    "Variant",
)
