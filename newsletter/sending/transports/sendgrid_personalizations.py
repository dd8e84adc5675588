"""Builds what differs for each recipient of a request to SendGrid, as finished JSON.

`personalizer` in sendgrid_request.py says what that is for any recipient. Nearly every recipient has a plain name and
address, of which nothing has to be changed: their values are inserted into the JSON of a sample recipient, which
`personalizer` made too. That takes a third of the time. All other recipients are built one by one.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import orjson

from newsletter.errors import Invalid
from newsletter.rendering.merge_tags import LONGEST_NAME, LONGEST_URL, MergeValues
from newsletter.sending.build_message import on_the_wire
from newsletter.sending.outcomes import Rejected
from newsletter.sending.transport import Envelope, Post
from newsletter.sending.transports.sendgrid_request import (
    TOO_LONG,
    are_surely_short,
    built_for,
    is_too_long,
    personalizer,
)
from subscribers.encode_headers import LONGEST_ADDRESS
from subscribers.mail_message import SURELY_FITS

PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@([a-z0-9.-]+)")
# Without those that have a meaning in HTML or JSON.
PLAIN_IN_URLS = bytes(set(range(ord("!"), ord("~") + 1)) - set(b"&<>\"'\\"))
PLAIN_IN_HEADERS = bytes(set(range(ord(" "), ord("~") + 1)) - set(b'"\\'))

# The values of a sample recipient: nothing else in the JSON of a recipient looks like them.
SAMPLE_RECIPIENT = 987_654_321_987_654_321_987_654_321
SAMPLE_ADDRESS, SAMPLE_NAME, SAMPLE_FIRST_NAME = "address@sample.invalid", "Samplename", "Samplefirstname"
SAMPLE_URLS = tuple(f"https://url{number}.sample.invalid/" for number in range(4))


@dataclass(slots=True)
class Personalizations:
    """The recipients of a request, in order, their JSON, and those to whom we cannot send by SendGrid."""

    recipients: list[int] = field(default_factory=list)
    pieces: list[bytes] = field(default_factory=list)
    rejected: dict[int, Rejected] = field(default_factory=dict)

    @property
    def document(self) -> orjson.Fragment:
        """The array of all recipients, to be put into a request as it is."""
        return orjson.Fragment(b"[" + b",".join(self.pieces) + b"]")


def personalizations(post: Post) -> Personalizations:
    """Build what differs for each recipient of a post. Raises JSONEncodeError for text that JSON cannot contain."""
    found, others = Personalizations(), list[Envelope]()
    for some in _alike(post.envelopes, others):
        texts = _filled_in(post, some)
        if texts is None:
            others += some
        else:
            found.recipients += [envelope.recipient for envelope in some]
            found.pieces.append(",".join(texts).encode())
    make = personalizer(post)
    for envelope in others:
        person = built_for(make, envelope)
        if not isinstance(person, Rejected) and is_too_long(person):
            person = Rejected(TOO_LONG, personal=True)
        if isinstance(person, Rejected):
            found.rejected[envelope.recipient] = person
        else:
            found.recipients.append(envelope.recipient)
            found.pieces.append(orjson.dumps(person))
    return found


def _alike(envelopes: Iterable[Envelope], others: list[Envelope]) -> Iterator[list[Envelope]]:
    """Yield people with plain names and addresses, apart by what they have; add all others to a list."""
    groups: dict[tuple[bool, bool], list[Envelope]] = {}
    for envelope in envelopes:
        address, name, first = envelope.address, envelope.name, envelope.person.first_name
        found = PLAIN_ADDRESS.fullmatch(address)
        if (
            found
            and _is_plain_domain(found[1])
            and len(address) <= LONGEST_ADDRESS
            and (not name or _is_plain_name(name))
            and (not first or _is_plain_name(first))
        ):
            groups.setdefault((not name, not first), []).append(envelope)
        else:
            others.append(envelope)
    yield from groups.values()


# Most readers share a few domains.
@lru_cache(maxsize=4_096)
def _is_plain_domain(domain: str) -> bool:
    try:
        return on_the_wire(f"a@{domain}") == f"a@{domain}"
    except Invalid:
        return False


def _is_plain_name(name: str) -> bool:
    """Return whether a name is only letters and digits, perhaps with single spaces and hyphens inside."""
    if name.isalnum():
        return len(name) <= LONGEST_NAME
    return (
        len(name) <= LONGEST_NAME
        and name.replace(" ", "").replace("-", "").isalnum()
        and "  " not in name
        and name[0] != " " != name[-1]
    )


def _filled_in(post: Post, envelopes: Sequence[Envelope]) -> list[str] | None:
    """Return the JSON of plain people who all have the same values, made from that of a sample; None if it cannot be.

    Their URLs and headers are checked together.
    """
    recipients, addresses, names, people, headers = zip(*envelopes, strict=True)
    *urls, firsts, useful = zip(*people, strict=True)
    header_names = {tuple(each) for each in headers}
    header_values = list(zip(*(each.values() for each in headers), strict=False))
    urls += [useful] if any(useful) else []
    if (
        len(header_names) > 1
        or not all(map(_are_plain_urls, urls))
        or not all(map(_are_plain_headers, header_values))
    ):
        return None
    texts_of_headers = {name: f"<{SAMPLE_ADDRESS}{number}>" for number, name in enumerate(headers[0])}
    sample = Envelope(
        SAMPLE_RECIPIENT,
        SAMPLE_ADDRESS,
        SAMPLE_NAME if names[0] else "",
        MergeValues(
            unsubscribe_url=SAMPLE_URLS[0],
            preferences_url=SAMPLE_URLS[1],
            read_online_url=SAMPLE_URLS[2],
            first_name=SAMPLE_FIRST_NAME if firsts[0] else "",
            useful_url=SAMPLE_URLS[3] if any(useful) else "",
        ),
        texts_of_headers,
    )
    columns: dict[str, Sequence[object]] = {
        **dict(zip(texts_of_headers.values(), header_values, strict=True)),
        **dict(zip(SAMPLE_URLS, urls, strict=False)),
        str(SAMPLE_RECIPIENT): recipients,
        SAMPLE_ADDRESS: addresses,
        SAMPLE_NAME: names,
        SAMPLE_FIRST_NAME: firsts,
    }
    try:
        pieces = _split(orjson.dumps(personalizer(post)(sample)).decode(), columns)
    except Invalid:
        return None
    template = "%s".join(piece.replace("%", "%%") for piece in pieces[::2])
    texts = list(map(template.__mod__, zip(*(columns[each] for each in pieces[1::2]), strict=True)))
    return texts if are_surely_short(texts) else None


def _split(text: str, samples: Iterable[str]) -> list[str]:
    """Return the text divided at the samples: text, sample, text, …, text."""
    return re.split("({})".format("|".join(map(re.escape, samples))), text)


def _are_plain_urls(urls: Sequence[str]) -> bool:
    """Return whether all are URLs that `substitutions` accepts and HTML and JSON contain as they are."""
    joined = "".join(urls)
    return (
        joined.isascii()
        and not joined.encode().translate(None, PLAIN_IN_URLS)
        and all(url.startswith(("https://", "http://")) for url in urls)
        and len("https://") < min(map(len, urls))
        and max(map(len, urls)) <= LONGEST_URL
    )


def _are_plain_headers(values: Sequence[str]) -> bool:
    """Return whether all are header values that are given to SendGrid, and written in JSON, as they are."""
    joined = "\n".join(values)
    return (
        joined.isascii()
        and not joined.replace("\n", "").encode().translate(None, PLAIN_IN_HEADERS)
        and joined.count("\n") == len(values) - 1
        and "=?" not in joined
        and "  " not in joined
        and max(map(len, values)) <= SURELY_FITS
    )
