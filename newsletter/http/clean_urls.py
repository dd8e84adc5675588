"""Cleans the URLs in articles: absolute, safe to follow and without tracking."""

import re
from urllib.parse import unquote, urljoin

from subscribers.domain_names import in_ascii_as_browsers_do
from subscribers.errors import Invalid

LONGEST = 2000
LONGEST_BASE = 500

_WEB = re.compile(
    r"https?://(?:[^/?#@]*@)?(?:[\w.%\u0300-\U0010ffff-]+|\[[0-9A-Fa-f:.]+\])(?::\d{0,5})?(?=[/?#]|\Z)",
    re.IGNORECASE,
)
_HOST_TO_WRITE = re.compile(
    r"(https?://(?:[^/?#@]*@)?)((?=[^/?#:]*(?:[^\x00-\x7f]|xn--|%|\.\.|[^/?#:.]{64}))[^/?#:\[]+)",
    re.IGNORECASE,
)
_ORIGIN = re.compile(r"(https?:)//[^/?#]+", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9._-]+")
_SPOKEN = re.compile(r"(?:mailto|tel):", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_HARMFUL = re.compile(
    '[\x00-\x20\x7f-\x9f\ud800-\udfff\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff"<>`\\\\]'
)
_QUOTED = {" ": "%20", '"': "%22", "<": "%3C", ">": "%3E", "`": "%60", "\\": "/"}

_TRACKING_PREFIXES = (
    "utm_",
    "wt_mc",
    "wt.mc",
    "wt_zmc",
    "wt.z",
    "itm_",
    "int_cmp",
    "trk_",
    "pf_rd_",
    "mtm_",
    "matomo_",
    "piwik_",
    "pk_",
    "hsa_",
    "_hs",
    "__hs",
    "at_custom",
    "stm_",
)
_TRACKING_NAMES = """
    fbclid gclid gclsrc dclid wbraid gbraid msclkid yclid ysclid twclid ttclid li_fat_id rdt_cid epik srsltid
    mc_cid mc_eid ml_subscriber ml_subscriber_hash ck_subscriber_id igshid igsh mibextid hsctatracking
    vero_id vero_conv mkt_tok oly_anon_id oly_enc_id rb_clickid s_cid s_kwcid sc_cid ef_id wickedid _openstat
    at_medium at_campaign at_link_id at_link_type at_link_origin at_format at_ptr_name at_bbc_team
    ns_mchannel ns_source ns_campaign ns_linkname ns_fee xtor fb_action_ids fb_action_types fb_source fb_ref
    ga_source ga_medium ga_term ga_content ga_campaign ga_place _ga _gl _branch_match_id cmpid
"""
# What only says that a reader came from a feed: `rss=1`, `feedType=RSS`, `ref=rss`, `cid=rss.home`, `#tk.rss_all`.
_OF_FEEDS = frozenset({"rss", "from_rss", "fromrss", "isrss", "feedtype", "feedname"})
_SAYS_RSS = re.compile(r"(?:\A|[._|:-])(?:rss|rssfeed|feedburner)(?:\d*\Z|[._|:-])")
# Parameters whose value is content, even if it is "rss".
_OF_CONTENT = frozenset(
    {
        "q",
        "s",
        "p",
        "id",
        "search",
        "query",
        "topic",
        "tag",
        "page",
        "cat",
        "category",
        "format",
        "output",
        "action",
        "type",
    }
    | {"feed", "view", "name", "title", "section", "article", "url"}
)
_FRAGMENT_OF_FEEDS = re.compile(r"(?:tk\.rss\w*|rss(?:\d+|[._-]\w+)|from-?rss|feed-?rss)\Z", re.IGNORECASE)
# A page that only sends its reader on, with the target in a parameter of its address.
_SENDING_ON = re.compile(
    r"""https?://[^/?#]+(?:/[^?#]*)?/(?:url|redirect(?:or)?|redir|apiclick|l|r|c|away|out|outbound|exit|go|goto|link|linkfilter
    |click|leave|external|ck|cread|deeplink|track)(?:\.(?:php|aspx?|html?|cgi))?/?\?""",
    re.IGNORECASE | re.VERBOSE,
)
_ON_THE_ROOT = re.compile(
    r"https?://(?:[\w.-]+\.safelinks\.protection\.outlook\.com|go\.redirectingat\.com|go\.skimresources\.com|exit\.sc|href\.li"
    r"|(?:l|lm|out|outgoing)\.[\w-]+\.\w{2,6})/(?:t\d_\w+)?\?|https?://t\.me/iv\?",
    re.IGNORECASE,
)
_TARGETS = frozenset(
    {
        "url",
        "u",
        "q",
        "to",
        "target",
        "dest",
        "destination",
        "redirect",
        "redirect_url",
        "redir",
        "goto",
        "link",
        "uddg",
    }
    | {"z", "ued", "murl", "r", "href", "out", "p"}
)
# What follows says which feed on which day the reader came from.
_PUBMED = re.compile(r"(https?://pubmed\.ncbi\.nlm\.nih\.gov/\d+/)\?", re.IGNORECASE)
_YAHOO = re.compile(
    r"https?://(?:r\.search\.yahoo\.com/.*/RU=(https?%3a[^/]+)/|(?:\w+\.)*rd\.yahoo\.com/[^*]*\*(https?(?::|%3a).+))",
    re.IGNORECASE,
)
MAX_HOPS = 3
_TRACKING = frozenset(_TRACKING_NAMES.split())


def absolute(address: str, base: str = "") -> str:
    """Return an absolute http(s), mailto or tel URL; empty if the address leads nowhere or could run code."""
    if _HARMFUL.search(address):
        address = _HARMFUL.sub(lambda found: _QUOTED.get(found[0], ""), address.strip())
    if not address or address.startswith("#"):
        return ""
    joined = address if _SCHEME.match(address) else _joined(address, base)
    return with_ascii_host(joined) if _WEB.match(joined) else joined if _SPOKEN.match(joined) else ""


def with_ascii_host(url: str) -> str:
    """Return a web address with its host as browsers ask the DNS for it; empty if no browser would ask for it."""
    found = _HOST_TO_WRITE.match(url)
    if not found:
        return url
    try:
        host = in_ascii_as_browsers_do(unquote(found[2]).lower())
    except Invalid:
        return ""
    return f"{found[1]}{host}{url[found.end() :]}" if _HOST.fullmatch(host) else ""


def followable(address: str, base: str = "") -> str:
    """Return an absolute http(s) URL without tracking; empty if it is longer than the database can store."""
    found = absolute(address, base)
    if found[:4].lower() != "http":
        return ""
    found = without_tracking(target_of(found))
    return found if len(found) <= LONGEST else ""


def target_of(url: str) -> str:
    """The address that is inside that of a redirector, such as those of Google Alerts and Bing News; else the URL."""
    if "http" not in url[8:]:
        return url
    for _ in range(MAX_HOPS):
        target = _target_in(url) if len(url) <= 3 * LONGEST else ""
        if not target:
            break
        url = target
    return url


def _target_in(url: str) -> str:
    if yahoo := _YAHOO.match(url):
        return absolute(unquote(yahoo[1] or yahoo[2]))
    if not (_SENDING_ON.match(url) or _ON_THE_ROOT.match(url)):
        return ""
    for parameter in url.partition("#")[0].partition("?")[2].split("&"):
        name, _, value = parameter.removeprefix("amp;").partition("=")
        if name.lower() in _TARGETS and re.match(r"https?(?:%3a|:)(?:%2f|/){2}", value, re.IGNORECASE):
            return absolute(unquote(value) if "%" in value[:12] else value)
    return ""


def without_tracking(url: str) -> str:
    """Remove parameters that only say where the reader came from; parameters that identify content stay."""
    if "?" not in url and "#" not in url:
        return url
    if study := _PUBMED.match(url):
        return study[1]
    address, mark, fragment = url.partition("#")
    of_a_feed = _FRAGMENT_OF_FEEDS.match(fragment)
    if of_a_feed or (mark and "=" in fragment and all(tracks(part) for part in fragment.split("&"))):
        mark = fragment = ""
    address, asked, query = address.partition("?")
    if asked:
        kept = [part for part in query.split("&") if not tracks(part)]
        query = "&".join(kept)
        asked = "?" if query else ""
    return f"{address}{asked}{query}{mark}{fragment}"


def tracks(parameter: str) -> bool:
    """Return whether a parameter, such as `utm_source=news`, only says where the reader came from."""
    name, _, value = parameter.removeprefix("amp;").lower().partition("=")
    if name in _TRACKING or name.startswith(_TRACKING_PREFIXES):
        return True
    if name in _OF_FEEDS:
        return value in {"", "1", "true", "yes"} or "rss" in value or name == "feedname"
    return name not in _OF_CONTENT and bool(_SAYS_RSS.search(value))


def _joined(address: str, base: str) -> str:
    origin = _ORIGIN.match(base[: LONGEST_BASE + 1])
    if len(base) > LONGEST_BASE:
        base = base.partition("#")[0].partition("?")[0]
    if len(base) > LONGEST_BASE:
        # A short article could otherwise become as long as its base times its links.
        base = f"{origin[0]}/" if origin and len(origin[0]) < LONGEST_BASE else ""
        origin = _ORIGIN.match(base)
    if address.startswith("//"):
        return f"{origin[1] if origin else 'https:'}{address}"
    if not origin:
        return ""
    if address.startswith("/") and "/." not in address:
        return f"{origin[0]}{address}"
    try:
        return urljoin(base, address)
    except ValueError:
        return ""
