"""Use what classes say of elements: captions become captions, and what publishing programs add around a text goes."""

import re

from newsletter.articles.incoming_article import IncomingArticle

_CLASS = re.compile(r' class="([^"]*)"')
_TAG = re.compile(r'<(/?)([a-z][a-z0-9]*)((?: [\w-]+="[^"]*")*)>')
_CAPTION = re.compile(
    r"(?:\A|[\s_-])(?:captions?(?:-text)?|photo-?credit|image-?credit|credits?|cutline)(?:\Z|[\s_-])",
    re.IGNORECASE,
)
_WRAPPER = re.compile(r"(?:\A|\s)(?:wp-caption|caption)(?:\Z|\s)", re.IGNORECASE)
_ADDED = re.compile(
    r"""(?:\A|\s)(?:feedflare|sharedaddy|sd-(?:sharing|block|like)\S*|jp-relatedposts|addtoany\S*|a2a_\S*|addthis\S*
    |share-?(?:buttons?|bar|links?|this)\S*|social-?(?:share|sharing|links|icons|buttons)\S*|post-?share\S*|heateor\S*
    |wp-block-social-links|mc4wp\S*|newsletter-(?:signup|form)|screen-reader-text|yarpp\S*|related-?posts|code-block-label
    |twitter-share-button|fb-like|printfriendly\S*|rss-?footer|hidden-by-its-source|visually-?hidden|sr-only|assistive-text
    |elementor-screen-only|subscri(?:be|ption)-(?:widget|form|box|button)\S*|captioned-button-wrap|kg-signup-card
    |field--name-(?:title|uid|created|changed|author)
    |wp-block-jetpack-subscriptions\S*|sqs-block-newsletter\S*)(?:\Z|\s)""",
    re.IGNORECASE | re.VERBOSE,
)
_FOOTNOTES = re.compile(
    r"(?:\A|\s)(?:wp-block-)?(?:footnotes|reflist|mw-references-wrap)(?:\Z|\s)", re.IGNORECASE
)
_TWO_LINES = re.compile(r"<hr>\s*<hr>")
_VOID = frozenset({"br", "col", "hr", "img", "wbr"})
# KaTeX and MathJax write a formula as MathML beside what they draw: each with the sign of the other form.
_FORMULA_TWICE = (
    ("katex-mathml", re.compile(r"(?:\A|\s)katex-html(?:\Z|\s)")),
    ("MJX_Assistive_MathML", re.compile(r"(?:\A|\s)(?:mjx-)?math(?:\Z|\s)")),
)


def use_marks(article: IncomingArticle) -> None:
    """Name captions as such, and drop what is hidden or only offers to share or subscribe, spans, and classes."""
    article.body_html, article.safe_summary_html = map(_used, (article.body_html, article.safe_summary_html))


def _used(markup: str) -> str:
    if 'class="' not in markup and "<span" not in markup:
        return markup
    twice = [drawn for sign, drawn in _FORMULA_TWICE if sign in markup]
    parts: list[str] = []
    ends: list[str] = []  # what closes each open element; nothing for those left out
    dropped_from = at = 0  # the depth of the outermost element that is left out, 0 if there is none
    for found in _TAG.finditer(markup):
        if not dropped_from:
            parts.append(markup[at : found.start()])
        at = found.end()
        if found[1]:
            end = ends.pop() if ends else ""
            if not dropped_from:
                parts.append(end)
            elif len(ends) < dropped_from:
                dropped_from = 0
            continue
        name, tag = _tag(found)
        if name not in _VOID:
            ends.append(f"</{name}>" if name != "span" else "")
            if not dropped_from and _is_added(found, twice):
                dropped_from = len(ends)
        if not dropped_from:
            parts.append(tag)
    parts.append("" if dropped_from else markup[at:])
    return _TWO_LINES.sub("<hr>", "".join(parts))


def _tag(found: re.Match[str]) -> tuple[str, str]:
    name, attributes = found[2], found[3]
    if name == "span":
        return name, ""
    marks = _CLASS.search(attributes)
    if marks is None or name == "img":
        return name, found[0]
    rest = attributes.replace(marks[0], "", 1)
    if _FOOTNOTES.search(marks[1]):
        return name, f"<hr><{name}{rest}>"  # a line parts the footnotes from the text
    if name in {"p", "div"} and _WRAPPER.search(marks[1]) and name == "div":
        name = "figure"
    elif name in {"p", "div"} and _CAPTION.search(marks[1]):
        name = "figcaption"
    return name, f"<{name}{rest}>"


def _is_added(found: re.Match[str], more: list[re.Pattern[str]]) -> bool:
    marks = _CLASS.search(found[3])
    return marks is not None and any(pattern.search(marks[1]) for pattern in (_ADDED, *more))
