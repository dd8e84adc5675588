"""What generators and note programs write into Markdown beside Markdown: rendered where that is sure, else refused.

Known are shortcodes of Hugo, Liquid and Nunjucks, attributes of kramdown and Pandoc, containers, and Obsidian's links.
What stays in code is left alone, and nothing of it is ever printed to readers.
"""

import html
import re
from collections.abc import Iterator

from newsletter.articles.formats.markdown_extensions import rendered_extensions, unknown_emoji
from newsletter.errors import Invalid

MAX_TAGS = 500

_FENCE = re.compile(r"[ \t>]*(`{3,}|~{3,})")
# Notes of Obsidian that its plug-ins run, and nobody reads.
_QUERY = re.compile(
    r"[ \t>]*(?:`{3,}|~{3,})[ \t]*(?:dataview(?:js)?|query|tasks|button)[ \t]*\n", re.IGNORECASE
)
_CODE_SPAN = r"(?P<code>(?<!`)(?P<ticks>`{1,4})(?!`)[^\n]{1,2000}?(?<!`)(?P=ticks)(?!`))"
_INSIDE = r".{0,20000}?"
_PAIRED = re.compile(
    rf"""{_CODE_SPAN}
    |(?P<dropped>\{{%-?\s*comment\s*-?%\}}{_INSIDE}\{{%-?\s*endcomment\s*-?%\}}|\{{\#{_INSIDE}\#\}}(?!\S)
       |\{{::comment\}}{_INSIDE}\{{:/(?:comment)?\}}|%%{_INSIDE}%%|\{{\{{/\*{_INSIDE}\*/\}}\}})
    |\{{%-?\s*raw\s*-?%\}}(?P<raw>{_INSIDE})\{{%-?\s*endraw\s*-?%\}}
    |(?:\{{%-?\s*highlight\b[^%\n]*%\}}(?P<liquid>{_INSIDE})\{{%-?\s*endhighlight\s*-?%\}}
       |\{{\{{[<%]\s*highlight\b[^>%\n]*[>%]\}}\}}(?P<hugo>{_INSIDE})\{{\{{[<%]\s*/\s*highlight\s*[>%]\}}\}})""",
    re.VERBOSE | re.DOTALL,
)
_SHORTCODE = re.compile(
    rf"{_CODE_SPAN}|\{{\{{[<%]\s*(?P<end>/?)\s*(?P<name>[\w/.-]{{1,80}})(?P<given>[^\n]{{0,1000}}?)/?\s*[>%]\}}\}}",
    re.DOTALL,
)
_GIVEN = re.compile(r"(?:([\w-]{1,40})\s*=\s*)?(?:\"([^\"]*)\"|`([^`]*)`|([^\s\"=]+))")
_KRAMDOWN = re.compile(
    rf"{_CODE_SPAN}"
    r"|(?P<gone>^[ \t]*(?:[*+-]|\d\.)[ \t]+[^\n]*\n[ \t]*\{:[ ]?toc[^}\n]*\}[ \t]*$"  # the table of contents
    r"|\{:{1,2}/?[^}\n]{0,300}\}"
    r"|(?:(?<=[)\]*`])|[ \t]+)\{[#.][^}\n]{1,200}\}(?=[ \t]*$)|(?<=[)\]*])\{[#.][\w\s#.=\"'-]{1,200}\}"
    r"|^[ \t]*(?:\[TOC\]|\[\[_?toc_?\]\])[ \t]*$"
    r"|[ \t]+\^[A-Za-z0-9-]{1,40}[ \t]*$"
    r"|^(?:import|export)\s[^\n]{1,300}\sfrom\s+['\"][^'\"\n]{1,300}['\"];?[ \t]*$)"
    r"|^[ \t]*:{3,}[ \t]*(?:\{?[\w.#-]{0,40}\}?)[ \t]*(?P<container>[^\n{}]{0,200})$"
    r"|(?P<callout>^[ \t]*>[ \t]*\[!)(?P<kind>[\w-]{1,30})\][+-]?[ \t]*(?P<headline>[^\n]{0,200})$"
    r"|(?P<embed>!?)\[\[(?P<page>[^\[\]|\n]{1,200})(?:\|(?P<shown>[^\[\]\n]{1,200}))?\]\](?!\()"
    r"|==(?P<marked>[^\s=][^=\n]{0,300}?)(?<!\s)==(?!=)",
    re.MULTILINE | re.IGNORECASE,
)
_LEFT = re.compile(rf"{_CODE_SPAN}|(?P<left>\{{\{{|\{{%|<%)[^\n]{{0,60}}", re.DOTALL)
_PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|svg)\Z", re.IGNORECASE)
_PLAYERS = {
    "youtube": ("Video", "https://www.youtube.com/watch?v={}"),
    "vimeo": ("Video", "https://vimeo.com/{}"),
    "instagram": ("Post", "https://www.instagram.com/p/{}/"),
}
_KEPT_RAW = ("\ue000", "\ue001")  # private characters instead of braces that readers are meant to see


def rendered_syntax(body: str, *, first_line: int = 1) -> str:
    """Return the same Markdown without a generator's syntax. Raises Invalid with the line of what it cannot render."""
    if body.count("{{") + body.count("{%") + body.count("%%") > MAX_TAGS:
        raise Invalid(f"the text has more than {MAX_TAGS} template tags. Simplify it.")
    if not re.search(
        r"\{[{%:#./=]|\{\w+[=}]|<%|\[\[|:::|%%|==|\[!|\[TOC\]|^(?:import|export)\s|\s\^\w|^ {0,3}\*\["
        r"|:[a-z0-9_+-]+:|\.m(?:d|ark)|^===|\|\d|dataview",
        body,
        re.MULTILINE,
    ):
        return body
    body = _PAIRED.sub(_paired, body)
    parts: list[str] = []
    line = first_line
    for is_code, part in _by_fences(body):
        shown = "\n" * part.count("\n") if _QUERY.match(part) else part
        parts.append(shown if is_code else _of_text(part, body, line))
        line += part.count("\n")
    return "".join(parts).translate({ord(_KEPT_RAW[0]): "&#123;", ord(_KEPT_RAW[1]): "&#125;"})


def why_template(text: str) -> str:
    """Say what template code a short text such as a title contains, without the subject; empty if it contains none."""
    found = re.search(r"\{\{|\{%|<%", text)
    return (
        f"contains template code: {text[found.start() :][:60]!r}. Write what readers should see."
        if found
        else ""
    )


def _of_text(part: str, whole: str, line: int) -> str:
    try:
        part = _SHORTCODE.sub(lambda found: _shortcode(found, whole), part)
    except _Unknown as error:
        found = error.args[0]
        raise Invalid(_refusal(found[0], line + part.count("\n", 0, found.start()))) from None
    for found in _LEFT.finditer(part):
        if found["left"]:
            raise Invalid(_refusal(found[0], line + part.count("\n", 0, found.start())))
    for found in unknown_emoji(part):
        raise Invalid(_refusal(found[0], line + part.count("\n", 0, found.start())))
    return _KRAMDOWN.sub(_attribute, rendered_extensions(part))


class _Unknown(Exception):  # noqa: N818 - not an error that anybody sees
    """A shortcode that we cannot render."""


def _refusal(written: str, line: int) -> str:
    return (
        f"line {line} contains template code that only the site's generator can render: {written.strip()[:60]!r}. "
        "Write what readers should see, or begin the file's name with `_` to leave it out."
    )


def _by_fences(body: str) -> Iterator[tuple[bool, str]]:
    """The text in pieces, and of each whether it is a fenced code block."""
    lines: list[str] = []
    fence = ""
    for line in body.splitlines(keepends=True):
        mark = _FENCE.match(line)
        if not fence and mark:
            yield False, "".join(lines)
            lines, fence = [line], mark[1]
        elif fence and mark and mark[1].startswith(fence) and not line[mark.end() :].strip():
            yield True, "".join([*lines, line])
            lines, fence = [], ""
        else:
            lines.append(line)
    yield bool(fence), "".join(lines)


def _paired(found: re.Match[str]) -> str:
    if found["code"]:
        return found[0]
    lines = "\n" * found[0].count("\n")  # so that the lines below keep their numbers
    if found["dropped"]:
        return lines
    if found["raw"] is not None:
        return found["raw"].replace("{", _KEPT_RAW[0]).replace("}", _KEPT_RAW[1])
    code = found["liquid"] if found["liquid"] is not None else found["hugo"]
    return f"\n~~~~~\n{code.strip()}\n~~~~~\n"


def _shortcode(found: re.Match[str], whole: str) -> str:
    if found["code"]:
        return found[0]
    name = found["name"].lower()
    if found["end"] or re.search(rf"\{{\{{[<%]\s*/\s*{re.escape(found['name'])}\s*[>%]\}}\}}", whole):
        return "" if name != "comment" else found[0]  # what stands between the two is what readers see
    given = {
        key or str(number): a or b or c
        for number, (key, a, b, c) in enumerate(_GIVEN.findall(found["given"]))
    }
    if name in {"figure", "img", "image"} and (source := given.get("src") or given.get("0")):
        caption = " ".join(filter(None, (given.get("title"), given.get("caption"))))
        picture = f'<img src="{html.escape(source)}" alt="{html.escape(given.get("alt", ""))}">'
        below = f"<figcaption>{html.escape(caption, quote=False)}</figcaption>" if caption else ""
        return f"<figure>{picture}{below}</figure>"
    if name in _PLAYERS and (number := given.get("id") or given.get("0")):
        label, address = _PLAYERS[name]
        return f"[{given.get('title') or label}](<{address.format(number)}>)"
    raise _Unknown(found)


def _attribute(found: re.Match[str]) -> str:
    if found["code"]:
        return found[0]
    if found["gone"] is not None:
        return "\n" * found["gone"].count("\n")
    if found["container"] is not None:
        return f"**{found['container'].strip()}**\n" if found["container"].strip() else ""
    if found["callout"]:
        return f"> **{(found['headline'] or found['kind'].capitalize()).strip()}**\n>"
    if found["page"]:
        return _wiki_link(found)
    return f"<mark>{found['marked']}</mark>"


def _wiki_link(found: re.Match[str]) -> str:
    page, shown = found["page"].strip(), (found["shown"] or "").strip()
    if found["embed"] and _PICTURE.search(page):
        return f"![{'' if shown.isdecimal() else shown}](<{page}>)"
    return shown or page.partition("#")[0] or page.partition("#")[2]
