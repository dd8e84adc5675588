"""Writes what an import did to people into the consent log, many entries with one statement."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_noop as _

from subscribers import raw_sql
from subscribers.imports.merge_sql import in_order
from subscribers.models import ConsentEntry

NOTES = {
    ConsentEntry.Act.CHANGED: _("According to the imported file."),
    ConsentEntry.Act.LEFT: _("Unsubscribed elsewhere, according to the imported file."),
    ConsentEntry.Act.SUPPRESSED: _("Suppressed elsewhere, according to the imported file."),
}


@dataclass(frozen=True, slots=True)
class LogEntrySql:
    """What entries of the consent log contain, as SQL. See ConsentEntry."""

    on_list: str = "%(list)s"
    topics: str = "'[]'"
    state: str = "''"
    moved: str = "0"
    note: str = ""
    basis: str = "''"


def log_entries(act: ConsentEntry.Act, about: str, logged: LogEntrySql, words: dict[str, Any]) -> None:
    """Write an entry of the consent log for each of some people: `about` is what follows FROM, with `p` as people."""
    values = {
        "subscriber_id": "p.person",
        "list_id": logged.on_list,
        "at": "%(now)s",
        "act": "%(act)s",
        "topics": raw_sql.json(logged.topics),
        "state": logged.state,
        "moved": logged.moved,
        "counted_by": "%(source)s",
        "source": "%(source)s",
        "source_name": "%(source_name)s",
        "basis": logged.basis,
    }
    if act in {ConsentEntry.Act.IMPORTED, ConsentEntry.Act.BASIS}:
        values["wording_id"] = "%(wording)s"
        values["note"] = "coalesce(p.basis_note, '')"
    else:
        values["note"] = "%(note)s"
    raw_sql.insert_select(
        ConsentEntry,
        values,
        f"FROM {about} {in_order()}",
        {**words, "act": act.value, "note": logged.note or NOTES.get(act, "")},
    )
