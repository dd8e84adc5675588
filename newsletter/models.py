"""Where Django looks for models: each stage keeps its own, and this file only gathers them."""

from newsletter.accounts.sign_in import FailedSignIn
from newsletter.articles.models import Article, Correction, Reference, Source
from newsletter.instance.models import Heartbeat, Residence
from newsletter.issues.models import Approval, AuditEntry, Issue, Item, Publication, StandingBlock
from newsletter.notifications.models import Beginning, EditorNotice, Hook, HookDelivery, NoMail, NoticeMail
from newsletter.scheduling.models import Occurrence, Schedule, Series
from newsletter.sending.models import (
    Batch,
    Decision,
    Departure,
    Mailing,
    Pull,
    Recipient,
    SendingDay,
    Variant,
)
from newsletter.tracking.models import Arrival, Event, Link, RawPost, Watch
