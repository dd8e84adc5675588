"""How serious a publication takes each rule, and the sentences of its checklist."""

from collections.abc import Mapping

from newsletter.issues.models import Publication
from newsletter.preflight.models import PreflightSettings


def levels_of(publication: Publication) -> Mapping[str, str]:
    """Return the levels that a publication chose, by the rule’s name: a level, or `off`."""
    row = PreflightSettings.objects.filter(publication=publication).first()
    levels: Mapping[str, str] = row.levels if row else {}
    return levels


def checklist_of(publication: Publication) -> list[str]:
    """Return the sentences that a person must tick for each issue of a publication."""
    row = PreflightSettings.objects.filter(publication=publication).first()
    return list(row.checklist) if row else []
