"""The URLs of the settings and of the settings of publications."""

from django.urls import path

from newsletter.web.desk.settings import (
    archive_publication_page,
    block_pages,
    logo_and_sample_pages,
    new_publication_page,
    notice_language_pages,
    preflight_settings_page,
    publication_pages,
    remove_publication_page,
    sign_up_pages,
    sign_up_translation_pages,
    signature_demands_page,
    topic_rules_page,
)
from newsletter.web.desk.settings.publication_settings_parts import ALL_PARTS

ONE = "settings/publications/<slug:slug>/"

urlpatterns = [
    path("settings/", publication_pages.settings_home, name="settings"),
    path("settings/publications/", publication_pages.publications, name="publications"),
    path("settings/new-publication/", new_publication_page.new_publication, name="new-publication"),
    path(ONE, publication_pages.publication_settings, name="publication-settings"),
    *(
        path(f"{ONE}{part}/", publication_pages.publication_part, {"part": part}, name=f"publication-{part}")
        for part in ALL_PARTS
    ),
    path(f"{ONE}checks/", preflight_settings_page.checks_before_approval, name="publication-checks"),
    path(f"{ONE}signatures/", signature_demands_page.signature_demands, name="publication-signatures"),
    path(f"{ONE}topics/", topic_rules_page.topic_rules, name="publication-topics"),
    path(f"{ONE}topics/notices/", notice_language_pages.notice_languages, name="publication-notices"),
    path(
        f"{ONE}topics/notices/<str:language>/",
        notice_language_pages.notices_in_language,
        name="notices-in-language",
    ),
    path(
        f"{ONE}topics/notices/<str:language>/remove/",
        notice_language_pages.remove_notices_in_language,
        name="remove-notices-in-language",
    ),
    path(f"{ONE}look/logo/", logo_and_sample_pages.logo, name="publication-logo"),
    path(f"{ONE}look/logo/remove/", logo_and_sample_pages.take_logo_away, name="remove-publication-logo"),
    path(f"{ONE}look/sample/", logo_and_sample_pages.sample, name="publication-sample"),
    path(f"{ONE}blocks/", block_pages.standing_blocks, name="standing-blocks"),
    path(f"{ONE}blocks/add/", block_pages.add_block, name="add-standing-block"),
    path(f"{ONE}blocks/one/<slug:name>/", block_pages.change_block, name="standing-block"),
    path(f"{ONE}blocks/one/<slug:name>/move/", block_pages.move_block, name="move-standing-block"),
    path(f"{ONE}blocks/one/<slug:name>/remove/", block_pages.remove_block, name="remove-standing-block"),
    path(f"{ONE}archive/", archive_publication_page.archive, name="archive-publication"),
    path(f"{ONE}restore/", archive_publication_page.restore, name="restore-publication"),
    path(f"{ONE}remove/", remove_publication_page.remove, name="remove-publication"),
    path(f"{ONE}sign-up/", sign_up_pages.sign_up_form, name="sign-up-form"),
    path(f"{ONE}sign-up/undo/", sign_up_pages.undo_sign_up_form, name="undo-sign-up-form"),
    path(
        f"{ONE}sign-up/in/<str:language>/",
        sign_up_translation_pages.sign_up_translation,
        name="sign-up-translation",
    ),
    path(
        f"{ONE}sign-up/in/<str:language>/remove/",
        sign_up_translation_pages.remove_sign_up_translation,
        name="remove-sign-up-translation",
    ),
    path(
        f"{ONE}sign-up/in/<str:language>/undo/",
        sign_up_translation_pages.undo_sign_up_translation,
        name="undo-sign-up-translation",
    ),
    path(f"{ONE}sign-up/sample/", sign_up_pages.sign_up_sample, name="sign-up-sample"),
    path(f"{ONE}sign-up/share/", sign_up_pages.share_sign_up, name="share-sign-up"),
    path(f"{ONE}sign-up/share/qr.svg", sign_up_pages.sign_up_qr_svg, name="sign-up-qr-svg"),
    path(f"{ONE}sign-up/share/qr.png", sign_up_pages.sign_up_qr_png, name="sign-up-qr-png"),
    path(f"{ONE}undo/", publication_pages.undo_publication_settings, name="undo-publication-settings"),
]
