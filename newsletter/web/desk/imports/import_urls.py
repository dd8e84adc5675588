"""The URLs of imports and exports."""

from django.urls import path

from newsletter.web.desk.imports import (
    check_import_page,
    column_meanings_page,
    export_pages,
    imported_file_page,
    undo_import_page,
    upload_file_page,
)

IMPORT = "subscribers/import/"
FILE = f"{IMPORT}<int:file>/"
EXPORT = "subscribers/export/"

urlpatterns = [
    path(IMPORT, upload_file_page.begin, name="import"),
    path(FILE, imported_file_page.file, name="imported-file"),
    path(f"{FILE}part/", upload_file_page.part, name="import-part"),
    path(f"{FILE}columns/", column_meanings_page.columns, name="import-columns"),
    path(f"{FILE}check/", check_import_page.check, name="check-import"),
    path(f"{FILE}cancel/", imported_file_page.cancel, name="cancel-import"),
    path(f"{FILE}left-out/", imported_file_page.left_out, name="import-left-out"),
    path("subscribers/imports/<int:number>/undo/", undo_import_page.undo, name="undo-import"),
    path(EXPORT, export_pages.export, name="export-people"),
    path(f"{EXPORT}<int:number>/", export_pages.status, name="people-export"),
    path(f"{EXPORT}<int:number>/download/", export_pages.download, name="download-export"),
    path(f"{EXPORT}<int:number>/cancel/", export_pages.cancel, name="cancel-export"),
]
