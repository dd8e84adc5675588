"""Write MathML (https://www.w3.org/TR/mathml-core/) as text with superscripts and subscripts."""

import html
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

LONGEST = 20_000

_FORMULA = re.compile(
    rf"<(?:[\w-]{{1,10}}:)?math\b[^<>]{{0,1000}}>((?:(?!<(?:[\w-]{{1,10}}:)?math\b).){{0,{LONGEST}}}?)</(?:[\w-]{{1,10}}:)?math\s*>",
    re.IGNORECASE | re.DOTALL,
)
_PREFIX = re.compile(r"(</?)[A-Za-z][\w-]{0,9}:")
_ENTITY = re.compile(r"&(?!(?:lt|gt|amp);|#)[A-Za-z]\w{1,31};")
_NOT_READ = frozenset({"annotation", "annotation-xml", "mphantom"})
_DEEPEST = 40
_SAME = {"mover": "msup", "munder": "msub", "munderover": "msubsup"}


def formulas_as_text(markup: str) -> str:
    """Return the markup with each formula as the text that a reader would read aloud from it."""
    return (
        _FORMULA.sub(lambda found: _as_text(found[1]), markup)
        if "math" in markup or "MATH" in markup
        else markup
    )


def _as_text(inside: str) -> str:
    from xml.etree import ElementTree as ET

    inside = _ENTITY.sub(lambda found: html.unescape(found[0]), _PREFIX.sub(r"\1", inside))
    try:
        return _written(ET.fromstring(f"<math>{inside}</math>"), 0)  # noqa: S314 - no DOCTYPE can stand inside
    except ET.ParseError:
        return re.sub(r"<[^>]{0,500}>", "", inside)


def _written(node: "Element", depth: int) -> str:
    name = node.tag.rpartition("}")[2]
    if name in _NOT_READ or depth > _DEEPEST:
        return ""
    if len(node) == 0:
        return " " if name == "mspace" else html.escape(" ".join((node.text or "").split()), quote=False)
    parts = [_written(child, depth + 1) for child in node]
    first, second, third = (*parts, "", "", "")[:3]
    known = {
        "mfrac": f"{_grouped(first)}/{_grouped(second)}",
        "msup": f"{first}<sup>{second}</sup>",
        "msub": f"{first}<sub>{second}</sub>",
        "msubsup": f"{first}<sub>{second}</sub><sup>{third}</sup>",
        "msqrt": f"√{_grouped(''.join(parts))}",
        "mroot": f"<sup>{second}</sup>√{_grouped(first)}",
        "mfenced": f"{node.get('open', '(')}{', '.join(parts)}{node.get('close', ')')}",
        "mtr": ", ".join(parts),
        "mtable": "; ".join(parts),
    }
    return known.get(_SAME.get(name, name), "".join(parts))


def _grouped(text: str) -> str:
    return text if len(text) == 1 or text.isalnum() else f"({text})"
