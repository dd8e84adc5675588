"""Where Django looks for models: each stage keeps its own, and this file only gathers them."""

from newsletter.articles.models import Article, Correction, Reference, Source
from newsletter.issues.models import Approval, AuditEntry, Issue, Item, Publication, StandingBlock
from newsletter.scheduling.models import Occurrence, Residence, Schedule, Series
from newsletter.sending.models import (
    Batch,
    Decision,
    Departure,
    Heartbeat,
    Mailing,
    Pull,
    Recipient,
    SendingDay,
)
from newsletter.sign_in import FailedSignIn
from newsletter.tracking.models import Arrival, Event, Link, RawPost, Watch
from newsletter.tracking.telling.models import (
    Beginning,
    EditorNotice,
    Hook,
    HookDelivery,
    NoMail,
    NoticeMail,
)
