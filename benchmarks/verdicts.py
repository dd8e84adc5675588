"""Says whether a figure is within its limit, and whether all figures of this process were."""

broken = 0


def verdict(holds: bool) -> str:  # noqa: FBT001 - the one thing it is about
    """Say whether a figure is within its limit, and count it if not."""
    global broken  # noqa: PLW0603 - each benchmark is a separate process
    broken += not holds
    return "OK" if holds else "MISSED"


def exit_code() -> int:
    """Return 1 if any figure missed its limit."""
    return int(broken > 0)
