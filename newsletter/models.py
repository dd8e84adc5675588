"""Gather the models of the stages here, where Django looks for them."""

from newsletter.accounts.account_mails import AccountMail
from newsletter.accounts.change_own_email_address import AddressChange
from newsletter.accounts.database_cache_table import CachedValue
from newsletter.accounts.first_account_link import SetupLink
from newsletter.accounts.forgotten_password import PasswordRequest
from newsletter.accounts.form_idempotency import UsedFormKey
from newsletter.accounts.invitation_model import Invitation
from newsletter.accounts.known_browsers_and_networks import KnownNetwork
from newsletter.accounts.role_grant_model import RoleGrant
from newsletter.accounts.second_factor import SecondFactorDemand
from newsletter.accounts.slow_down_password_guesses import FailedSignIn
from newsletter.articles.article_terms import ArticleTerms
from newsletter.articles.models import Article, ArticleReview, Correction, Reference, Source
from newsletter.articles.pictures.models import OriginalPicture, PictureFile, PictureVersion
from newsletter.background_jobs.models import BackgroundJob
from newsletter.backups.models import BackupPlan, StoredBackup
from newsletter.corrections.models import CorrectionNotice, NoticeMailing
from newsletter.feedback.models import CaseMail, ReaderCase, UsefulAnswer
from newsletter.first_run.models import Example
from newsletter.instance.models import Heartbeat, Instance
from newsletter.issues.issue_version_models import IssueVersion
from newsletter.issues.models import (
    Approval,
    ApprovalRefusal,
    AuditEntry,
    Issue,
    IssueBlock,
    Item,
    NoticeTranslation,
    PastedAddress,
    PastedList,
    PreflightRun,
    Publication,
    SavedSegment,
    StandingBlock,
    TopicRule,
)
from newsletter.notifications.models import (
    Notification,
    NotificationEpoch,
    NotificationMail,
    NotificationOptOut,
    Webhook,
    WebhookDelivery,
)
from newsletter.people_files.models import ImportedFile
from newsletter.preflight.models import (
    CheckedLink,
    ChecklistTick,
    OverruledFinding,
    PreflightSettings,
    SpamScore,
)
from newsletter.preflight.rehearsal_models import Rehearsal, RehearsalProblem
from newsletter.proof.models import ProofComment, ProofLink, Signature, SignatureDemand
from newsletter.scheduling.models import Occurrence, Schedule, Series
from newsletter.sending.models import (
    Batch,
    Decision,
    Mailing,
    ProofGroup,
    Recipient,
    SendingDay,
    SendRecord,
    SuppressionSync,
    TestRequest,
    Variant,
)
from newsletter.sending.web_page_models import WebPageChange
from newsletter.sending_settings.models import SendingChoice
from newsletter.single_sign_on.provider_identity_model import SignInIdentity
from newsletter.tracking.models import (
    BatchArrival,
    Event,
    Link,
    MailingMonitor,
    RawWebhookPost,
    StoredFigures,
)
