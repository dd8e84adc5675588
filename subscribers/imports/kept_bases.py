"""Says whose lawful basis a file contradicts, and for whom it records consent.

An import changes the basis of somebody who is active only if the file says that they have consented.
"""

from subscribers import raw_sql
from subscribers.imports.merge_sql import SUBSCRIBER, SUBSCRIPTION
from subscribers.imports.staging_tables import EVERYBODY, FIRST_REFUSED_BASES
from subscribers.models import Basis, List, Subscription
from subscribers.phrases import counted

_ACTIVE = f"""JOIN {SUBSCRIBER} s ON s.address_key = f.key
    JOIN {SUBSCRIPTION} u ON u.subscriber_id = s.id AND u.list_id = %(list)s AND u.state = {raw_sql.ACTIVE}"""
PERSONS_PAGE = "To record another basis, go to the person’s page"


def sentence_about_ruled_out(mailing_list: List) -> list[str]:
    """Return a sentence about active people whose present basis a row of the file rules out, or nothing.

    Call it while the table of ruled-out bases is there.
    """
    ruled_out = raw_sql.rows(
        f"""SELECT s.id, min(f.row_number) FROM {FIRST_REFUSED_BASES} f {_ACTIVE}
        WHERE f.basis = u.basis GROUP BY s.id ORDER BY 2""",
        {"list": mailing_list.pk},
    )
    if not ruled_out:
        return []
    people = counted(len(ruled_out), "person on the list has", "people on the list have")
    what = f"{people} a lawful basis that does not fit what the file says about them, first in row {ruled_out[0][1]}."
    return [f"{what} We did not change it. {PERSONS_PAGE}, or unsubscribe them."]


def sentences_about_others(mailing_list: List, *, has_bases: bool) -> list[str]:
    """Return sentences about active people whose present basis is not that of the file, or nothing.

    `has_bases` says whether the file, or somebody, says anything about bases. Without that, everybody has consented.
    """
    others = Subscription.objects.filter(list=mailing_list).exclude(basis=Basis.CONSENT)
    if not (has_bases or others.exists()):
        return []
    found = raw_sql.rows(
        f"""SELECT coalesce(f.basis, '{Basis.CONSENT}') = '{Basis.CONSENT}', count(*), min(f.row_number)
        FROM {EVERYBODY} f {_ACTIVE}
        WHERE f.standing IS NULL AND coalesce(f.basis, '{Basis.CONSENT}') <> u.basis GROUP BY 1 ORDER BY 1""",
        {"list": mailing_list.pk},
    )
    return [_sentence(int(count), int(row), consents=bool(consents)) for consents, count, row in found]


def _sentence(count: int, row: int, *, consents: bool) -> str:
    people = counted(count, "person is", "people are")
    what = f"{people} already on the list with a different lawful basis from the one in the file, first in row {row}."
    if consents:
        whose = "this person has" if count == 1 else "these people have"
        return f"{what} The import records that {whose} consented, so the lawful basis becomes consent."
    return f"{what} We did not change it. {PERSONS_PAGE}."
