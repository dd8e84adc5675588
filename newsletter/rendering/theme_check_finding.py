"""What the check of a theme finds."""

from typing import NamedTuple


class ThemeFinding(NamedTuple):
    """Something to mend in a theme, and where. If `must` is false, the theme works all the same."""

    sentence: str
    place: str = ""
    must: bool = True
