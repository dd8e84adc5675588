"""Builds what differs for each recipient of a request to SendGrid, as finished JSON.

`personalizer` in sendgrid_request.py says what that is for any recipient. Nearly every recipient has a plain name and
address, of which nothing has to be changed: their values are inserted into the JSON of a sample recipient, which
`personalizer` made too. That takes a fifth of the time. All other recipients are built one by one.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, repeat
from os.path import commonprefix

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
from subscribers.database import portions
from subscribers.encode_headers import LONGEST_ADDRESS
from subscribers.mail_message import SURELY_FITS

# A text of several addresses is as plain as each of them.
PLAIN_ADDRESS = r"[A-Za-z0-9_+-]++(?:\.[A-Za-z0-9_+-]++)*+@[a-z0-9.-]++"
ONE_PLAIN_ADDRESS, PLAIN_LINES = re.compile(PLAIN_ADDRESS), re.compile(rf"(?:{PLAIN_ADDRESS}\n)++")
# Without those that have a meaning in HTML or JSON.
PLAIN_IN_URLS = bytes(set(range(ord("!"), ord("~") + 1)) - set(b"&<>\"'\\"))
PLAIN_IN_HEADERS = bytes(set(range(ord(" "), ord("~") + 1)) - set(b'"\\'))
# One look at this many people is quicker than one at each. If one of them is not plain, we look at each.
CHECKED_TOGETHER = 50
JOINED_TOGETHER = 50

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
    def document(self) -> list[orjson.Fragment]:
        """The array of all recipients, to be put into a request as it is. A fragment may hold several of them."""
        return list(map(orjson.Fragment, self.pieces))


def personalizations(post: Post) -> Personalizations:
    """Build what differs for each recipient of a post. Raises JSONEncodeError for text that JSON cannot contain."""
    found, others = Personalizations(), list[Envelope]()
    for some in _alike(post.envelopes, others):
        pieces = _filled_in(post, some)
        if pieces is None:
            others += some
        else:
            found.recipients += [envelope.recipient for envelope in some]
            found.pieces += pieces
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
    for some in portions(envelopes, CHECKED_TOGETHER):
        shared = _what_plain_people_lack(some)
        if shared is not None:
            groups.setdefault(shared, []).extend(some)
            continue
        for envelope in some:
            if _is_plain(envelope):
                groups.setdefault((not envelope.name, not envelope.person.first_name), []).append(envelope)
            else:
                others.append(envelope)
    yield from groups.values()


def _what_plain_people_lack(some: Sequence[Envelope]) -> tuple[bool, bool] | None:
    """Return whether all of these people lack a name and whether they lack a first name; None if they differ.

    Also None if one of them may not be plain.
    """
    _recipients, addresses, names, people, _headers = zip(*some, strict=True)
    firsts = [person.first_name for person in people]
    plain = (
        PLAIN_LINES.fullmatch("\n".join((*addresses, "")))
        and all(_is_plain_domain(address.rpartition("@")[2]) for address in addresses)
        and max(map(len, addresses)) <= LONGEST_ADDRESS
        and (not any(names) or _are_plain_names(names))
        and (not any(firsts) or _are_plain_names(firsts))
    )
    return (not names[0], not firsts[0]) if plain else None


def _is_plain(envelope: Envelope) -> bool:
    address, name, first = envelope.address, envelope.name, envelope.person.first_name
    return (
        ONE_PLAIN_ADDRESS.fullmatch(address) is not None
        and _is_plain_domain(address.rpartition("@")[2])
        and len(address) <= LONGEST_ADDRESS
        and (not name or _is_plain_name(name))
        and (not first or _is_plain_name(first))
    )


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


def _are_plain_names(names: Sequence[str]) -> bool:
    """Return whether each is surely what `_is_plain_name` accepts."""
    lines = "\n".join(("", *names, ""))
    return (
        "".join(names).replace(" ", "").replace("-", "").isalnum()
        and not any(odd in lines for odd in ("\n\n", "\n ", " \n", "  ", "\n-"))
        and max(map(len, names)) <= LONGEST_NAME
    )


def _filled_in(post: Post, envelopes: Sequence[Envelope]) -> list[bytes] | None:
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
    columns: dict[str, Sequence[str]] = {
        **dict(zip(texts_of_headers.values(), header_values, strict=True)),
        **dict(zip(SAMPLE_URLS, urls, strict=False)),
        str(SAMPLE_RECIPIENT): list(map(str, recipients)),
        SAMPLE_ADDRESS: addresses,
        SAMPLE_NAME: names,
        SAMPLE_FIRST_NAME: firsts,
    }
    try:
        pieces = _split(orjson.dumps(personalizer(post)(sample)).decode(), columns)
    except Invalid:
        return None
    texts, used = pieces[::2], pieces[1::2]
    longest = {each: max(map(len, columns[each])) for each in set(used)}
    if not are_surely_short(sum(map(len, texts)) + sum(map(longest.__getitem__, used))):
        return None
    return list(_joined(texts, [columns[each] for each in used]))


def _joined(texts: Sequence[str], columns: Sequence[Sequence[str]]) -> Iterator[bytes]:
    """Yield the rows of these columns, with the texts before, between and after their values, and commas between rows.

    Many rows are joined at once, because a text for each takes longer to make. All of them would be a megabyte, and
    then each copy of it takes longer than the work.
    """
    first, *between, last = texts
    following = (*between, f"{last},{first}")
    rows = zip(*chain(*zip(columns, map(repeat, following), strict=True)), strict=False)
    for some in portions(rows, JOINED_TOGETHER):
        *joined, _comma = chain((first,), *some)
        yield "".join((*joined, last)).encode()


def _split(text: str, samples: Iterable[str]) -> list[str]:
    """Return the text divided at the samples: text, sample, text, …, text."""
    return re.split("({})".format("|".join(map(re.escape, samples))), text)


def _are_plain_urls(urls: Sequence[str]) -> bool:
    """Return whether all are surely URLs that `substitutions` accepts and HTML and JSON contain as they are."""
    joined = "".join(urls)
    shared = commonprefix((min(urls), max(urls)))  # noqa: RUF071 - URLs, not paths
    return (
        joined.isascii()
        and not joined.encode().translate(None, PLAIN_IN_URLS)
        and shared.startswith(("https://", "http://"))
        and len(shared) > len("https://")
        and max(map(len, urls)) <= LONGEST_URL
    )


def _are_plain_headers(values: Iterable[str]) -> bool:
    """Return whether all are header values that are given to SendGrid, and written in JSON, as they are."""
    different = set(values)
    joined = "\n".join(different)
    return (
        joined.isascii()
        and not joined.replace("\n", "").encode().translate(None, PLAIN_IN_HEADERS)
        and joined.count("\n") == len(different) - 1
        and "=?" not in joined
        and "  " not in joined
        and max(map(len, different)) <= SURELY_FITS
    )
