"""The tables: people, lists and topics, subscriptions, what people agreed to, and addresses that must not be
mailed.

Rows of Subscription, ConsentEntry and Suppression change only through consent.py, consent_by_editor.py,
prune_unconfirmed.py, suppression.py and erasure.py (one at a time) and imports (many at a time): these write the
consent log in the same transaction.
"""

from subscribers.models.address_change import AddressChange
from subscribers.models.basis import Basis
from subscribers.models.consent_entry import ONLY_ADDED_TO, ConsentEntries, ConsentEntry, Wording, no_topics
from subscribers.models.import_record import ImportChange, ImportPiece, ImportRecord, nothing
from subscribers.models.link_nonce import LINK_NONCE_BITS, new_link_nonce
from subscribers.models.mailing_list import List, Topic
from subscribers.models.queued_mail import QueuedMail
from subscribers.models.rate_counter import RateCounter
from subscribers.models.search_text import SearchRemoval, SearchText, SearchTodo
from subscribers.models.sign_up_texts_row import SignUpTexts
from subscribers.models.subscriber import Subscriber
from subscribers.models.subscription import Subscription
from subscribers.models.subscription_source import SourceKind
from subscribers.models.suppressed_address import Suppression

__all__ = (
    "LINK_NONCE_BITS",
    "ONLY_ADDED_TO",
    "AddressChange",
    "Basis",
    "ConsentEntries",
    "ConsentEntry",
    "ImportChange",
    "ImportPiece",
    "ImportRecord",
    "List",
    "QueuedMail",
    "RateCounter",
    "SearchRemoval",
    "SearchText",
    "SearchTodo",
    "SignUpTexts",
    "SourceKind",
    "Subscriber",
    "Subscription",
    "Suppression",
    "Topic",
    "Wording",
    "new_link_nonce",
    "no_topics",
    "nothing",
)
