"""RSS 2.0 that says when an entry was changed, in the element of Atom, because RSS has none of its own."""

from typing import Any

from django.utils.feedgenerator import Rss201rev2Feed, rfc3339_date


class RssWithUpdates(Rss201rev2Feed):
    """An RSS feed whose changed entries have `atom:updated`, beside the `pubDate` that stays the same."""

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        """Write an entry."""
        super().add_item_elements(handler, item)
        if item["updateddate"] != item["pubdate"]:
            handler.addQuickElement("atom:updated", rfc3339_date(item["updateddate"]))
