"""Whether a promised figure holds, in words; and whether all of this process's did."""

broken = 0


def verdict(holds: bool) -> str:  # noqa: FBT001 - the one thing it is about
    """Say whether a promise holds, and count it when it does not."""
    global broken  # noqa: PLW0603 - a benchmark is a process of its own
    broken += not holds
    return "holds" if holds else "DOES NOT HOLD"


def exit_code() -> int:
    """1 once a promise did not hold."""
    return int(broken > 0)
