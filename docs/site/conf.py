"""Configure Sphinx, which turns README, docs/ and the pages beside them into a static site: `make docs`.

Sphinx reads the pages where they are, so that a link works alike on the site, in an editor and at a code host. It
warns of a link to a missing page, file or heading and of a page missing from the navigation, and `make docs` treats
each warning as an error. Nothing is fetched: the theme, the search and the diagrams come from the environment.
"""

import html
import re
import shutil
import tomllib
from pathlib import Path
from typing import ClassVar

import mmdr
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).resolve().parents[2]

# Each heading of the navigation with its pages in order. A pattern adds the pages that are not named before it.
NAVIGATION = {
    "Tutorial": ["docs/tutorial/first-issue"],
    "How to": [
        "docs/how-to/add-sources",
        "docs/how-to/let-people-sign-up",
        "docs/how-to/import-subscribers",
        "docs/how-to/record-lawful-bases",
        "docs/how-to/choose-how-emails-are-sent",
        "docs/how-to/send-through-sendgrid",
        "docs/how-to/sendgrid-webhook",
        "docs/how-to/send-by-smtp",
        "docs/how-to/find-your-way-around-the-desk",
        "docs/how-to/people",
        "docs/how-to/accounts",
        "docs/how-to/single-sign-on",
        "docs/how-to/find-and-change-articles",
        "docs/how-to/write-an-issue-together",
        "docs/how-to/approve-and-schedule",
        "docs/how-to/send-a-series",
        "docs/how-to/get-notifications",
        "docs/how-to/pictures",
        "docs/how-to/make-a-theme",
        "docs/how-to/show-the-archive",
        "docs/how-to/correct-a-mistake",
        "docs/how-to/read-reports",
        "docs/how-to/answer-readers-questions",
        "docs/how-to/use-subscribers-alone",
        "docs/how-to/*",
    ],
    "Reference": ["docs/reference/*"],
    "Operations": ["docs/operations/install-on-a-server", "docs/operations/running", "docs/operations/*"],
    "Architecture": ["docs/architecture", "CONTRIBUTING"],
    "Decisions": ["docs/decisions/README"],
    "Project": ["CHANGELOG", "SECURITY", "examples/README"],
}
# The pages above that list the pages of a folder, and the pattern of those pages.
LISTS = {"docs/decisions/README": "docs/decisions/0*"}

with (ROOT / "pyproject.toml").open("rb") as file:
    version = tomllib.load(file)["project"]["version"]
project = "Newsletter"
release = version
extensions = ["myst_parser"]
root_doc = "README"
include_patterns = [
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "examples/README.md",
    "docs/**",
]
exclude_patterns = [".*", "build", "var", "docs/site", "newsletter", "subscribers", "tests"]

myst_heading_anchors = 3
myst_fence_as_directive = ["mermaid"]

html_theme = "alabaster"
html_title = f"Newsletter {version}"
html_static_path = ["static"]
html_sidebars = {"**": ["about.html", "searchfield.html", "navigation.html"]}
html_theme_options = {
    "page_width": "1200px",
    "sidebar_width": "260px",
    "body_min_width": "0",
    "show_powered_by": "false",
}
html_copy_source = False
html_use_index = False
html_css_files = ["site.css"]
html_show_sphinx = False


class Mermaid(SphinxDirective):
    """A Mermaid diagram as an SVG picture inside the page, so that a reader needs neither a script nor a network."""

    has_content: ClassVar[bool] = True

    def run(self) -> list[nodes.Node]:
        """Draw the diagram, and keep its text for those who cannot see it."""
        source = "\n".join(self.content)
        svg = mmdr.render(source, backend="merman").svg()
        # Two diagrams on a page must not share an id: their arrow heads and styles refer to it.
        svg = svg.replace("merman", f"diagram-{self.env.new_serialno('mermaid')}")
        label = html.escape(" ".join(re.findall(r'"([^"]+)"', source)), quote=True)
        return [
            nodes.raw("", f'<div class="diagram" role="img" aria-label="{label}">{svg}</div>', format="html")
        ]


def toctree(pages: list[str], caption: str = "") -> str:
    """Return the MyST directive that puts pages into the navigation, without a list on the page."""
    options = [":hidden:", ":glob:", *([f":caption: {caption}"] if caption else [])]
    return "\n".join(["", "```{toctree}", *options, "", *(f"/{page}" for page in pages), "```", ""])


def add_navigation(app: Sphinx, page: str, source: list[str]) -> None:
    """Add the navigation to the first page and to pages that list a folder; their files stay plain Markdown."""
    if page == app.config.root_doc:
        source[0] += "".join(toctree(pages, caption) for caption, pages in NAVIGATION.items())
    elif page in LISTS:
        source[0] += toctree([LISTS[page]]).replace(":hidden:", ":maxdepth: 1")


def copy_first_page(app: Sphinx, error: Exception | None) -> None:
    """Let the site open at its README: a web server and a browser look for index.html."""
    if error is None and app.builder.format == "html":
        shutil.copyfile(Path(app.outdir, "README.html"), Path(app.outdir, "index.html"))


def setup(app: Sphinx) -> None:
    """Connect the diagrams and the navigation to Sphinx."""
    app.add_directive("mermaid", Mermaid)
    app.connect("source-read", add_navigation)
    app.connect("build-finished", copy_first_page)
