"""A good email broken in one known way each, and the rule that must find it, with a word of its sentence.

`change` breaks the issue, its publication or what is known of it, and gives nothing back. `html` and `text` break the
finished parts, as a theme could.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.utils import timezone

from newsletter.articles.models import Article, ArticleReview, Reference
from newsletter.background_jobs.models import BackgroundJob
from newsletter.doctor.run_checks_job import JOB as DOCTOR
from newsletter.issues.models import (
    Issue,
    Item,
    NoticeTranslation,
    Publication,
    SavedSegment,
    StandingBlock,
    TopicRule,
)
from newsletter.preflight.models import CheckedLink, ChecklistTick, PreflightSettings, SpamScore
from newsletter.proof.models import ProofComment, SignatureDemand
from newsletter.sending.models import Mailing, ProofGroup
from subscribers.models import Subscription
from tests.preflight.good_emails import checked, subscribe
from tests.rendering.example_issues import MORNING
from tests.sending.planned_mailing import planned_mailing


@dataclass(frozen=True)
class Broken:
    """One row of the table."""

    rule: str
    said: str
    change: Callable[[Issue], object] | None = None
    html: Callable[[str], str] | None = None
    text: Callable[[str], str] | None = None
    also: tuple[str, ...] = ()
    # Settings of the installation.
    settings: Mapping[str, object] = field(default_factory=dict)


def issue_has(**fields):
    return lambda issue: Issue.objects.filter(pk=issue.pk).update(**fields)


def publication_has(**fields):
    return lambda issue: Publication.objects.filter(pk=issue.publication_id).update(**fields)


def article_has(**fields):
    def change(issue):
        first = issue.items.order_by("position").first()
        Article.objects.filter(pk=first.article_id).update(**fields)

    return change


def item_has(**fields):
    def change(issue):
        first = issue.items.order_by("position").first()
        issue.items.filter(pk=first.pk).update(**fields)

    return change


def opening_says(text):
    return issue_has(opening=f"Dear {{{{ first_name }}}},\n\n{text}")


def link_answers(url="https://example.org/studies", **fields):
    """What a site answered when the link was opened."""

    def change(_issue):
        key = hashlib.sha256(url.encode()).hexdigest()
        CheckedLink.objects.create(key=key, url=url, checked_at=timezone.now(), **fields)

    return change


def has_checklist(issue):
    sentences = ["The chair has read it.", "The dates are right."]
    PreflightSettings.objects.create(publication=issue.publication, checklist=sentences)
    ChecklistTick.objects.create(
        issue=issue, sentence=sentences[1], ticked_by="ruth", ticked_at=timezone.now()
    )


def has_comment(issue):
    ProofComment.objects.create(
        issue=issue,
        author="ruth",
        part="whole",
        part_title="The whole email",
        text="?",
        made_at=timezone.now(),
    )


def demands_signature(issue):
    first = issue.items.order_by("position").first()
    Article.objects.filter(pk=first.article_id).update(topics=["Medicines"])
    SignatureDemand.objects.create(
        publication=issue.publication,
        topic="medicines",
        name="Dr Okafor",
        address="okafor@example.org",
        key="okafor@example.org",
    )


def on_topic(**rule):
    """The first article is on a topic for which the publication has a rule."""

    def change(issue):
        article_has(topics=["MEDICINES"])(issue)
        TopicRule.objects.create(publication=issue.publication, topic="Medicines", key="medicines", **rule)

    return change


def calls_in_polish(text, *, confirmed=True, call="999", language="pl"):
    """The email has the emergency numbers, and this text for readers whose language is Polish, or another one."""

    def change(issue):
        on_topic(emergency_numbers=call)(issue)
        NoticeTranslation.objects.create(
            publication=issue.publication,
            language=language,
            notice=f"In an emergency, call {call}.",
            text=text,
            confirmed=confirmed,
        )

    return change


def rests_on_retracted(issue):
    first = issue.items.order_by("position").first()
    Reference.objects.create(article_id=first.article_id, kind="retraction", citation="Retraction: a study.")


def review_was_due(issue):
    first = issue.items.order_by("position").first()
    ArticleReview.objects.create(article_id=first.article_id, due_on=date(2026, 1, 31))


def doctor_found(level):
    """What the doctor found today in the DNS of the sender's domain."""

    def change(_issue):
        finding = {
            "check": "SPF",
            "level": level,
            "sentence": "example.org has no SPF record.",
            "fix": "Add one.",
        }
        now = timezone.now()
        BackgroundJob.objects.create(
            kind=DOCTOR,
            state="done",
            asked_by="ada",
            asked_at=now,
            ended_at=now,
            result={"findings": [finding]},
        )

    return change


def scored_as_spam(issue):
    rules = [[2.5, "SUBJ_FREE: the subject offers something free"]]
    SpamScore.objects.create(digest=checked(issue).digest, score=6.1, rules=rules, scored_at=timezone.now())


def both(one, other):
    def change(issue):
        one(issue)
        other(issue)

    return change


def logo_not_fetched(issue):
    publication_has(hotlink_pictures=False, logo_url="https://example.org/logo.png")(issue)


def block_has(kind, **fields):
    return lambda issue: StandingBlock.objects.filter(publication=issue.publication, kind=kind).update(
        **fields
    )


def appeal_data(**values):
    def change(issue):
        block = StandingBlock.objects.get(publication=issue.publication, kind="appeal")
        block.data = {**block.data, **values}
        block.save()

    return change


def sent_before(**fields):
    """An earlier issue of the same publication that was sent."""

    def change(issue):
        usual = {"number": 11, "state": Issue.State.SENT, "sent_at": MORNING, "composed_at": MORNING}
        return Issue.objects.create(publication=issue.publication, **usual | fields)

    return change


def carried_before(issue):
    earlier = sent_before(subject="Other news")(issue)
    Item.objects.create(issue=earlier, article=issue.items.order_by("position").last().article)


def mailed_before(count):
    def change(issue):
        earlier = sent_before(
            subject="Other news", opening="Good day.", state=Issue.State.DRAFT, sent_at=None
        )(issue)
        mailing = planned_mailing(earlier)
        Mailing.objects.filter(pk=mailing.pk).update(audience=count)

    return change


def crowd_joins(issue):
    mailed_before(30)(issue)
    subscribe(issue.publication, *(f"reader{number}" for number in range(60)))


def empty_segment(issue):
    return SavedSegment.objects.create(
        mailing_list=issue.publication.mailing_list, name="Trustees", text='first name is "Nobody"'
    )


def only_the_empty_segment(issue):
    Issue.objects.filter(pk=issue.pk).update(audience={"segment": empty_segment(issue).pk})


def without_the_empty_segment(issue):
    Issue.objects.filter(pk=issue.pk).update(audience={"without_segments": [empty_segment(issue).pk]})


def proof_group_elsewhere(issue):
    ProofGroup.objects.create(publication=issue.publication, name="Trustees", addresses=["tom@example.com"])


def replaced(old, new, count=1):
    """The finished part with a text in place of another, which must be there."""

    def change(part):
        assert old in part, old
        return part.replace(old, new, count)

    return change


def matched(pattern, new, count=1):
    def change(part):
        assert re.search(pattern, part), pattern
        return re.sub(pattern, new, part, count=count)

    return change


LINK = "[the studies](https://example.org/studies)"
SENDGRID = {"transport": "sendgrid", "base_url": "https://news.example.org"}
SMTP = {"transport": "smtp", "base_url": "https://news.example.org"}
BROKEN = (
    Broken("email.not-created", "placeholder called nonsense", issue_has(opening="{{ nonsense }}")),
    Broken("audience.nobody", "no active subscribers", lambda _issue: Subscription.objects.all().delete()),
    Broken("audience.nobody", "the segment “Trustees” has no members", only_the_empty_segment),
    Broken("audience.excludes-nobody", "The segment “Trustees” has no members", without_the_empty_segment),
    Broken("audience.fewer", "Issue 11 was sent to 400", mailed_before(400)),
    Broken("audience.more", "63 people would receive this issue", crowd_joins),
    Broken("audience.proof-group-left-out", "Nobody in “Trustees”", proof_group_elsewhere),
    Broken("fields.subject-empty", "subject is empty", issue_has(subject=" ")),
    Broken("fields.preheader-empty", "preheader is empty", issue_has(preheader="")),
    Broken("fields.introduction-empty", "introduction is empty", issue_has(opening="")),
    Broken("law.postal-address", "“Example Trust”", publication_has(postal_address="Example Trust")),
    Broken("law.free-mailbox", "gmail.com", publication_has(sender_address="healthnews@gmail.com")),
    Broken("law.free-mailbox", "yahoo.co.uk", publication_has(sender_address="healthnews@yahoo.co.uk")),
    Broken("law.no-reply", "no-reply@example.org", publication_has(reply_to="no-reply@example.org")),
    Broken(
        "law.unsubscribe-hidden",
        "No reader can see",
        html=matched(r'(<a [^>]*href="\*\|UNSUBSCRIBE_URL\|\*"[^>]*style=")', r"\1display:none;"),
    ),
    Broken(
        "law.unsubscribe-hidden",
        "No reader can see",
        html=replaced("*|UNSUBSCRIBE_URL|*", "*|PREFERENCES_URL|*", 9),
        also=("links.same-words",),
    ),
    Broken("size.clipped", "100 KB or more", opening_says("word " * 22_000)),
    Broken("size.nearly-clipped", "do not add anything else", opening_says("word " * 13_000)),
    Broken(
        "size.styles",
        "Gmail ignores styles beyond",
        html=matched(r"</style>\s*</head>", "/*" + "x" * 17_000 + "*/</style>" + "</head>"),
    ),
    Broken("size.pictures", "2.4 MB", link_answers("https://example.org/1.jpg", status=200, bytes=2_400_000)),
    Broken(
        "content.past-target",
        "Help us to answer the phone",
        appeal_data(raised="41000", second_purpose=""),
    ),
    Broken(
        "content.past-target",
        "has reached its target",
        appeal_data(raised="40000", second_purpose=""),
    ),
    Broken("content.carried-before", "was already in issue 11", carried_before),
    Broken(
        "content.text-differs",
        "does not contain “What study 2",
        text=replaced("What study 2 says about sleep", ""),
    ),
    Broken("articles.withdrawn", "was withdrawn at its source", article_has(withdrawn_at=MORNING)),
    Broken("references.missing", "because its topic is “Medicines”", on_topic(needs_reference=True)),
    Broken("references.retracted", "is based on a retracted publication", rests_on_retracted),
    Broken("reviews.overdue", "was due on", review_was_due),
    Broken(
        "notices.language",
        "The notice about “Medicines” is not in English",
        on_topic(notice={"de": "Achtung."}),
    ),
    Broken(
        "notices.not-translated",
        "has no confirmed text in Polish, so these readers get it in English",
        calls_in_polish("Zadzwoń pod 999.", confirmed=False),
    ),
    Broken(
        "notices.numbers",
        "“Zadzwoń pod 998.”, in Polish, does not have the same numbers as “In an emergency, call 999.”",
        calls_in_polish("Zadzwoń pod 998."),
    ),
    Broken(
        "notices.wrong-language",
        "seems to be in German",
        calls_in_polish("Rufen Sie im Notfall die 999 an, und warten Sie nicht auf eine Antwort von uns."),
    ),
    Broken("articles.edited", "was changed at its source", article_has(edited_at=timezone.now())),
    Broken(
        "articles.edited-beside-own-text",
        "still fits",
        both(article_has(edited_at=timezone.now()), item_has(blurb="Our own words.")),
    ),
    Broken(
        "links.empty",
        "The cover of the booklet",
        html=matched(r'<a ([^>]*)href="https://example.org/booklet"', r'<a \1href="#"'),
    ),
    Broken("links.empty", "“the studies”", html=replaced("https://example.org/studies", "")),
    Broken(
        "links.unfilled",
        "{{slug}}",
        html=replaced("https://example.org/studies", "https://example.org/{{slug}}"),
    ),
    Broken(
        "links.unfilled",
        "[[LINK]]",
        html=replaced("https://example.org/studies", "https://example.org/[[LINK]]"),
    ),
    Broken(
        "links.test-site",
        "staging.example.org",
        opening_says("[the studies](https://staging.example.org/studies)"),
    ),
    Broken("links.private", "localhost", opening_says("[the studies](http://localhost:8000/studies)")),
    Broken("links.private", "192.168.1.7", opening_says("[the studies](http://192.168.1.7/studies)")),
    Broken("links.private", "intranet", opening_says("[the studies](https://intranet/studies)")),
    Broken("links.insecure", "http://example.org", opening_says("[the studies](http://example.org/studies)")),
    Broken(
        "links.tracking", "utm_source", opening_says("[the studies](https://example.org/s?utm_source=news)")
    ),
    Broken("links.tracking", "fbclid", opening_says("[the studies](https://example.org/s?fbclid=1)")),
    Broken(
        "links.same-words",
        "2 links have the text “the studies”",
        opening_says(f"{LINK} and [the studies](https://example.org/more)"),
    ),
    Broken("links.dead", "answered 404", link_answers(status=404)),
    Broken("links.dead", "answered 410", link_answers(status=410)),
    Broken("links.fails", "its host does not exist", link_answers(problem="no-host")),
    Broken("links.fails", "answered 500", link_answers(status=500)),
    Broken("links.fails", "did not respond in time", link_answers(problem="slow")),
    Broken("links.fails", "keeps redirecting", link_answers(problem="loops")),
    Broken("links.fails", "certificate is not valid", link_answers(problem="certificate")),
    Broken("links.fails", "private network", link_answers(problem="private")),
    Broken(
        "links.moved",
        "has moved to https://example.org/new",
        link_answers(status=200, moved_to="https://example.org/new", moved_for_good=True),
    ),
    Broken(
        "links.picture-dead",
        "The picture https://example.org/1.jpg",
        link_answers("https://example.org/1.jpg", status=404),
    ),
    Broken("pictures.not-described", "has no description", article_has(image_alt="")),
    Broken(
        "pictures.missing",
        "pictures for 3 articles",
        publication_has(hotlink_pictures=False),
        also=("pictures.logo",),
    ),
    Broken("pictures.logo", "logo", logo_not_fetched, also=("pictures.missing",)),
    Broken(
        "sender.name-transliterated",
        "SendGrid",
        publication_has(sender_name="Nyheder fra Ærø"),
        settings=SENDGRID,
    ),
    Broken("law.one-click", "http://localhost", settings={**SMTP, "base_url": "http://localhost:8000"}),
    Broken("sender.words-missing", "We have no Hebrew translation", publication_has(language="he")),
    Broken("accessibility.language", "does not set lang", html=matched(r'(<html[^>]*) lang="[^"]*"', r"\1")),
    Broken(
        "accessibility.language",
        "does not set lang",
        html=matched(r'<div lang="[^"]*"( dir="[^"]*" role="article")', r"<div\1"),
    ),
    Broken(
        "accessibility.language",
        "does not set dir",
        html=matched(r'(<div lang="[^"]*") dir="[^"]*"( role="article")', r"\1\2"),
    ),
    Broken("accessibility.title", "no title", html=matched(r"<title>[^<]*</title>", "<title></title>")),
    Broken("accessibility.layout-table", "has no role", html=replaced('role="presentation" ', "")),
    Broken("accessibility.headings", "no first-level heading", html=matched(r"(</?)h1\b", r"\1p", 2)),
    Broken("accessibility.headings", "a level is skipped", html=matched(r"(</?)h2\b", r"\1h4", 2)),
    Broken(
        "accessibility.link-words",
        "“click here”",
        opening_says("[Click here](https://example.org/studies)".replace("Click", "click")),
    ),
    Broken(
        "accessibility.link-words", "“Read more”", opening_says("[Read more](https://example.org/studies)")
    ),
    Broken(
        "accessibility.link-words", "“hier”", opening_says("Mehr dazu [hier](https://example.org/studies)")
    ),
    Broken(
        "links.colour-alone",
        "“the studies” is a link",
        html=matched(
            r'(<a [^>]*?style="[^"]*?)text-decoration: ?underline([^"]*"[^>]*>the studies)',
            r"\1text-decoration:none\2",
        ),
    ),
    Broken("accessibility.reading-order", "tabindex=3", html=matched(r"<h1 ", '<h1 tabindex="3" ')),
    Broken(
        "accessibility.reading-order",
        "flex-direction: row-reverse",
        html=matched(r"<body", '<body style="flex-direction:row-reverse"'),
        also=("clients.not-supported",),
    ),
    Broken(
        "accessibility.language-of-parts",
        "is marked as “en",
        opening_says("Приливы и отливы объясняются просто и понятно."),
    ),
    Broken("accessibility.link-silent", "has no text", html=replaced(">the studies</a>", "></a>")),
    Broken("accessibility.alt-missing", "has no alt", html=matched(r' alt="A woman[^"]*"', "")),
    Broken("accessibility.alt-says-nothing", "“image1”", article_has(image_alt="image1")),
    Broken("accessibility.alt-says-nothing", "“Photo”", article_has(image_alt="Photo")),
    Broken("accessibility.alt-says-nothing", "IMG_2041", article_has(image_alt="IMG_2041")),
    Broken(
        "accessibility.contrast",
        "is hard to read",
        html=matched(r'(<a [^>]*style="[^"]*color:)#[0-9a-f]{3,6}([^"]*"[^>]*>the studies)', r"\1#eee\2"),
    ),
    Broken(
        "accessibility.small-text",
        "9 pixels",
        html=matched(r"""(<p class="tagline[^>]*?font:)\d+px""", r"\g<1>9px"),
    ),
    Broken("clients.not-supported", "<video> element", html=replaced("<h1 ", "<video></video><h1 ")),
    Broken(
        "clients.not-supported", "display:grid", html=replaced("<h1 ", '<div style="display:grid"></div><h1 ')
    ),
    Broken(
        "clients.not-supported",
        "webP",
        html=replaced("https://example.org/1.jpg", "https://example.org/1.webp"),
    ),
    Broken("reviewers.open-comments", "1 comment", has_comment),
    Broken("reviewers.signature-missing", "the signature of Dr Okafor", demands_signature),
    Broken("checklist.not-ticked", "“The chair has read it.”", has_checklist),
    Broken("authentication.wrong", "has no SPF record", doctor_found("wrong"), settings=SENDGRID),
    Broken("authentication.weak", "has no SPF record", doctor_found("warning"), settings=SMTP),
    Broken("spam.score", "6.1 points", scored_as_spam),
)
