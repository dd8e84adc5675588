"""How long it takes to read an article: a whole number of minutes, from the words of its text."""

import re

# Adults read 238 words of English prose a minute (Brysbaert 2019, https://doi.org/10.1016/j.jml.2019.104047), and about
# 500 characters of scripts without spaces between words.
WORDS_A_MINUTE = 238
CHARACTERS_A_MINUTE = 500
# Below this, the text is only the beginning of an article, or reading it takes no time worth saying.
SHORTEST_TEXT = 120
_TAG = re.compile(r"<[^<>]*>")
_WITHOUT_SPACES = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


def minutes_to_read(body_html: str) -> int | None:
    """Return the minutes, at least 1; None if there is too little text to tell."""
    text = _TAG.sub(" ", body_html)
    dense = len(_WITHOUT_SPACES.findall(text))
    words = len(_WITHOUT_SPACES.sub(" ", text).split()) if dense else len(text.split())
    if words + dense / 2 < SHORTEST_TEXT:
        return None
    return max(1, round(words / WORDS_A_MINUTE + dense / CHARACTERS_A_MINUTE))
