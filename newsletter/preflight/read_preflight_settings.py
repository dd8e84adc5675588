"""How serious a publication takes each rule, and the sentences of its checklist."""

from collections.abc import Mapping

from newsletter.issues.models import Publication
from newsletter.preflight.models import PreflightSettings


def settings_of(publication: Publication) -> PreflightSettings:
    """Return what a publication chose, or settings that choose nothing. `levels` has a level, or `off`, by the rule."""
    row = PreflightSettings.objects.filter(publication=publication).first()
    return row or PreflightSettings(publication=publication)


def levels_of(publication: Publication) -> Mapping[str, str]:
    """Return the levels that a publication chose, by the rule’s name: a level, or `off`."""
    levels: Mapping[str, str] = settings_of(publication).levels
    return levels


def promotion_topics_of(publication: Publication) -> list[str]:
    """Return the topics on which promotions must not speak of a treatment."""
    return list(settings_of(publication).promotion_topics)


def checklist_of(publication: Publication) -> list[str]:
    """Return the sentences that a person must tick for each issue of a publication."""
    return list(settings_of(publication).checklist)
