"""Formats a citation from CSL-JSON with one style of the Citation Style Language, kept in this folder.

The style is NLM/Vancouver, which medical journals use. nlm-citation-sequence.csl is a copy, unchanged, of that of
https://github.com/citation-style-language/styles, under CC BY-SA 3.0, which its own header says.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from newsletter.articles.references.csl import DEFAULT_TYPE
from subscribers.clean_text import folded
from subscribers.phrases import shortened

STYLE = Path(__file__).parent / "nlm-citation-sequence.csl"
LONGEST_CITATION = 2_000
_LOCALE = "en-GB"
_NUMBER = re.compile(r"\A1\.\s*")
# Variables that become the link of the citation, or that the style does not use.
_NOT_IN_TEXT = ("URL", "language", "id")


def citation_of_csl(csl: Mapping[str, Any]) -> str:
    """Return a full citation as plain text, without the web address, which becomes its link."""
    # These take longer to import than most commands to run.
    from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
    from citeproc.source.json import CiteProcJSON

    item = {name: value for name, value in csl.items() if name not in _NOT_IN_TEXT}
    item |= {"id": "1", "type": csl.get("type") or DEFAULT_TYPE}
    # A style holds what it is formatting, so threads cannot share it. Reading it takes 20 ms.
    style = CitationStylesStyle(str(STYLE), validate=False, locale=_LOCALE)
    bibliography = CitationStylesBibliography(style, CiteProcJSON([item]), formatter.plain)
    bibliography.register(Citation([CitationItem("1")]))
    (entry,) = bibliography.bibliography()
    text = _NUMBER.sub("", folded(str(entry)))
    return shortened(text, LONGEST_CITATION) or str(csl["title"])
