"""Every door approves by the function that checks first; a series, which is given the checks, approves by itself."""

import ast
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "newsletter"
ALLOWED = {"preflight/approve_issue.py", "scheduling/dispatch_series_draft.py"}


def test_only_the_function_that_checks_first_approves():
    import_it = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        and node.module == "newsletter.scheduling.approval"
        and any(name.name == "approve" for name in node.names)
    }
    assert import_it == ALLOWED


def test_no_door_reaches_the_function_through_its_module():
    through_the_module = [
        path for path in PACKAGE.rglob("*.py") if "approval.approve(" in path.read_text(encoding="utf-8")
    ]
    assert through_the_module == []
