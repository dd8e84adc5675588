"""What the terms of an article mean: how a licence is called, and whether the article may be emailed."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.db.models import Exists, OuterRef, Q

from newsletter.articles.article_terms import ArticleTerms, Mailing

_CREATIVE_COMMONS = re.compile(
    r"https?://(?:www\.)?creativecommons\.org/(?:licenses/(?P<kind>[a-z-]+)/(?P<version>\d\.\d)|publicdomain/(?P<free>zero|mark)/)",
    re.IGNORECASE,
)
_LEGAL_FORM = r"(ltd\.?|limited|plc|cio|scio|inc\.?|llc|gmbh|ggmbh|e\.\s?v\.?)"
# The holder of rights stands at the beginning of a line, or after words or signs that announce it.
_BEFORE_HOLDER = (
    r"(^|[\n|;]|©|\(c\)|\Wcopyright\s|^copyright\s|rights reserved|property of\s|belongs to\s|"
    r"(owned|published|held|written)\sby\s)"
    # No two of these can match the same text, so that hostile rights cost no time.
    r"([\s0-9,.:/–-]|©|\(c\)|copyright\s|of\s|by\s|the\s)*"
)
_AFTER_HOLDER = r"($|[,;:!?|()\n–]|\.(\s|$)|-\s|[0-9]{4}|all rights)"
_FREE = {"zero": "CC0", "mark": "Public domain"}


@dataclass(frozen=True, slots=True)
class TermsLine:
    """The attribution and the licence of a text or picture in a few words, and the URL of the licence, if any."""

    words: str
    url: str = ""
    attribution: str = ""


def licence_name(licence: str) -> str:
    """Return the short name of a Creative Commons licence, and any other licence as it is."""
    found = _CREATIVE_COMMONS.match(licence)
    if found is None:
        return licence
    if found["free"]:
        return _FREE[found["free"].lower()]
    return f"CC {found['kind'].upper()} {found['version']}"


def text_line(terms: ArticleTerms) -> TermsLine | None:
    """Return the terms of the text, or None if nothing is known that readers should see.

    What the site says of its rights is shown only beside a licence: most sites say no more than whose text it is.
    """
    licence = terms.licence or terms.site_licence
    attribution = terms.attribution or (terms.site_rights if licence else "")
    return _line(attribution, licence)


def picture_line(terms: ArticleTerms) -> TermsLine | None:
    """Return the terms of the picture, or None."""
    return _line(terms.picture_attribution, terms.picture_licence)


def _line(attribution: str, licence: str) -> TermsLine | None:
    words = ", ".join(part for part in (attribution, licence_name(licence)) if part)
    is_url = licence.lower().startswith(("https://", "http://"))
    return TermsLine(words, licence if is_url else "", attribution) if words else None


def is_by(organisation: str, words: str) -> bool:
    """Return whether words about rights name exactly this organisation as the holder."""
    return bool(organisation) and re.search(_holder(organisation), words, re.IGNORECASE) is not None


def forbids_mailing(terms: ArticleTerms, organisation: str, website: str, url: str) -> bool:
    """Return whether the article at a URL may not be emailed by an organisation with a website.

    What an editor decided counts before what the site says. The rights and the site of the organisation itself
    never forbid anything.
    """
    if terms.mailing:
        return terms.mailing == Mailing.FORBIDDEN
    is_named = is_by(organisation, terms.site_rights)
    host = _host(website)
    is_own = is_named or (host and re.search(_below(host), url, re.IGNORECASE))
    return terms.site_forbids and not is_own


def forbidden_for(organisation: str, website: str) -> Q:
    """Return the condition of the articles for which `forbids_mailing` is true."""
    rows = ArticleTerms.objects.filter(article=OuterRef("pk"))
    by_site = Q(mailing="", site_forbids=True)
    if organisation:
        by_site &= ~Q(site_rights__iregex=_holder(organisation))
    if host := _host(website):
        by_site &= ~Q(article__url__iregex=_below(host))
    return Q(Exists(rows.filter(Q(mailing=Mailing.FORBIDDEN) | by_site)))


def _host(website: str) -> str:
    """Return the host of a website without “www.”, or an empty string."""
    try:
        return (urlsplit(website).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _below(host: str) -> str:
    """Return the regular expression for URLs at a host and the hosts below it."""
    return rf"^https?://([^/?#@]*\.)?{re.escape(host)}(:[0-9]+)?([/?#]|$)"


def _holder(organisation: str) -> str:
    """Return the regular expression for rights whose holder has exactly this name, with or without a legal form.

    A name that only begins or ends with it, such as “New Harbour” for “Harbour”, is somebody else’s. Databases
    understand the expression as Python does.
    """
    name = re.sub(rf",?\s+{_LEGAL_FORM}$", "", organisation.strip(), flags=re.IGNORECASE)
    return rf"{_BEFORE_HOLDER}{re.escape(name or organisation)}(,?\s+{_LEGAL_FORM})?\s*{_AFTER_HOLDER}"
