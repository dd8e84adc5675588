"""Make site/feed.xml from the Markdown in site/news: RSS 2.0 with the whole text in content:encoded.

Run it after a change of the news: `.venv/bin/python examples/make_feed.py`. The same Markdown makes the
same bytes.
"""

from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin
from xml.etree import ElementTree as ET

import yaml
from markdown_it import MarkdownIt

SITE = Path(__file__).resolve().parent / "site"
HOME = "https://example.org/"
NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "media": "http://search.yahoo.com/mrss/",
}

Piece = dict[str, Any]


def main() -> None:
    """Write the feed, newest piece first."""
    for prefix, name in NAMESPACES.items():
        ET.register_namespace(prefix, name)
    pieces = sorted(
        map(read_piece, (SITE / "news").glob("*.md")), key=lambda piece: piece["date"], reverse=True
    )
    tree = ET.ElementTree(feed_of(pieces))
    ET.indent(tree)
    tree.write(SITE / "feed.xml", encoding="utf-8", xml_declaration=True)
    print(f"{SITE / 'feed.xml'}: {len(pieces)} articles")


def read_piece(path: Path) -> Piece:
    """The front matter of one file, with its text under `body`."""
    _, head, body = path.read_text(encoding="utf-8").split("---\n", 2)
    piece: Piece = yaml.safe_load(head)
    return piece | {"body": body, "date": datetime.fromisoformat(str(piece["date"]))}


def feed_of(pieces: list[Piece]) -> ET.Element:
    """The whole document; its date is that of the newest piece."""
    rss = ET.Element("rss", version="2.0")
    channel = ET.SubElement(rss, "channel")
    add(channel, "title", "Harbour Prostate Cancer Information (example): news")
    add(channel, "link", HOME)
    add(channel, "description", "News and explanations from a charity that was made up for an example.")
    add(channel, "language", "en-GB")
    add(channel, "lastBuildDate", format_datetime(pieces[0]["date"]))
    add(channel, "atom:link", href=urljoin(HOME, "feed.xml"), rel="self", type="application/rss+xml")
    for piece in pieces:
        add_item(channel, piece)
    return rss


def add_item(channel: ET.Element, piece: Piece) -> None:
    """One item: standfirst as description, text and sources as content, image as media:content."""
    item, image = ET.SubElement(channel, "item"), piece["image"]
    add(item, "title", piece["title"])
    add(item, "link", piece["url"])
    add(item, "guid", piece["url"], isPermaLink="true")
    add(item, "pubDate", format_datetime(piece["date"]))
    for author in piece["authors"]:
        add(item, "dc:creator", author)
    for topic in piece["topics"]:
        add(item, "category", topic)
    add(item, "description", piece["standfirst"])
    add(item, "content:encoded", MarkdownIt("commonmark").render(piece["body"] + sources_of(piece)))
    size = {"width": str(image["width"]), "height": str(image["height"])}
    media = add(
        item, "media:content", url=urljoin(HOME, image["url"]), medium="image", type="image/png", **size
    )
    add(media, "media:description", image["alt"], type="plain")


def sources_of(piece: Piece) -> str:
    """The references as a list in Markdown: a feed has no field for them."""
    lines = [
        f"- [{each['citation'].strip()}]({each.get('url') or 'https://doi.org/' + each['doi']})"
        for each in piece["references"]
    ]
    return "\n## Sources\n\n" + "\n".join(lines) + "\n"


def add(parent: ET.Element, name: str, text: str = "", **attributes: str) -> ET.Element:
    """One element under its usual prefix."""
    prefix, _, local = name.rpartition(":")
    child = ET.SubElement(parent, f"{{{NAMESPACES[prefix]}}}{local}" if prefix else local, attributes)
    child.text = text.strip() or None
    return child


if __name__ == "__main__":
    main()
