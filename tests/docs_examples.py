"""Code that the docs show, put where the docs say, for a test that sees it work."""

import importlib
import re
import sys
from contextlib import contextmanager
from pathlib import Path

DOCS = Path(__file__).resolve().parents[1] / "docs"


@contextmanager
def example_module(page, package, name, folder):
    """The only Python example of a page of docs/how-to, as the module `name` of a package; its file is in `folder`."""
    (example,) = re.findall(
        r"```python\n(.*?)```", (DOCS / "how-to" / page).read_text(encoding="utf-8"), re.DOTALL
    )
    (folder / f"{name}.py").write_text(example, encoding="utf-8")
    package.__path__.append(str(folder))
    importlib.invalidate_caches()
    module = importlib.import_module(f"{package.__name__}.{name}")
    try:
        yield module
    finally:
        package.__path__.remove(str(folder))
        del sys.modules[module.__name__]
        delattr(package, name)
