"""The URLs of the settings and of the settings of publications."""

from django.urls import path

from newsletter.web.desk.settings import publication_pages
from newsletter.web.desk.settings.publication_parts import ALL_PARTS

ONE = "settings/publications/<slug:slug>/"

urlpatterns = [
    path("settings/", publication_pages.settings_home, name="settings"),
    path("settings/publications/", publication_pages.publications, name="publications"),
    path(ONE, publication_pages.publication_settings, name="publication-settings"),
    *(
        path(f"{ONE}{part}/", publication_pages.publication_part, {"part": part}, name=f"publication-{part}")
        for part in ALL_PARTS
    ),
    path(f"{ONE}undo/", publication_pages.undo_publication_settings, name="undo-publication-settings"),
]
