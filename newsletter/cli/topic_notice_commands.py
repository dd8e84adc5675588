"""`newsletter publications notices` and `translate-notice`: the notices about topics in the languages of readers."""

from typing import Annotated

import typer

from newsletter.cli.output import JsonOption, print_json, print_rows, print_text
from newsletter.cli.publications import Slug
from newsletter.errors import Invalid, NotFound
from newsletter.issues.find_publication_or_issue import find_publication
from newsletter.issues.models import Publication

LanguageOption = Annotated[
    str,
    typer.Option(
        "--language",
        metavar="TAG",
        help="Show only the texts in this language, such as pl, including the ones that we suggest.",
    ),
]


def notices(publication: Slug = None, *, language: LanguageOption = "", as_json: JsonOption = False) -> None:
    """List the notices about topics and their texts in other languages.

    A text that is not confirmed, or that we only suggest, is not used in emails.

    Example: `newsletter publications notices weekly --language pl`
    """
    found = find_publication(publication)
    rows = _rows(found, language)
    if as_json:
        print_json(rows)
        return
    print_rows(
        ("Number", "Language", "Text", "State"),
        ((row["number"], row["language"], row["text"], row["state"]) for row in rows),
        empty=f"{found.name} has no notices yet. Add them to its rules for topics.",
    )


def translate_notice(
    publication: Annotated[str, typer.Argument(help="Short name (slug) of the publication.")],
    language: Annotated[str, typer.Argument(help="Language tag, such as pl or pt-BR.")],
    number: Annotated[int, typer.Argument(help="Number of the notice in `newsletter publications notices`.")],
    text: Annotated[str, typer.Argument(help="The notice in this language. Not needed with --remove.")] = "",
    *,
    draft: Annotated[
        bool, typer.Option("--draft", help="Store the text, but do not use it in emails yet.")
    ] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Remove the text in this language.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Write a notice in another language. Readers of this language get it instead of the original.

    By writing the text, you confirm that it is correct.

    Example: `newsletter publications translate-notice weekly pl 1 "W nagłym wypadku zadzwoń pod numer 999."`
    """
    from newsletter.issues.notice_translations import WantedText, change_notices_in
    from newsletter.scheduling.approval import end_changed_approvals, sentence_about_reopened

    if remove == bool(text.strip()):
        raise Invalid("Give either the text of the notice, or --remove.")
    found = find_publication(publication)
    notice = _notice_numbered(found, number)
    wanted = WantedText(notice=notice, text=text, confirmed=not (draft or remove))
    changed = change_notices_in(found, language, [wanted])
    ended = end_changed_approvals(found) if changed else []
    if as_json:
        numbers = [each.number for each in ended]
        print_json(
            {
                "publication": found.slug,
                "language": language,
                "notice": notice,
                "changed": changed,
                "must_be_approved_again": numbers,
            }
        )
    else:
        said = "The notice was saved." if changed else "Nothing was changed."
        print_text(f"{said} {sentence_about_reopened(ended)}".strip())


def _rows(publication: Publication, language: str) -> list[dict[str, str | int]]:
    from newsletter.issues.notice_translations import languages_of_notices, require_language, texts_in
    from newsletter.rendering.topic_notices import suggested_texts

    if language:
        require_language(publication, language)
    rows: list[dict[str, str | int]] = []
    own = suggested_texts(publication, publication.language)
    rows += [
        _row(number, publication.language, each.notice, "own") for number, each in enumerate(own, start=1)
    ]
    for tag in [language] if language else languages_of_notices(publication):
        stored = texts_in(publication, tag)
        for number, each in enumerate(suggested_texts(publication, tag), start=1):
            row = stored.get(each.notice)
            if row is not None:
                rows.append(_row(number, tag, row.text, "confirmed" if row.confirmed else "not confirmed"))
            else:
                rows.append(_row(number, tag, each.suggestion, "suggested" if each.suggestion else "missing"))
    return rows


def _row(number: int, language: str, text: str, state: str) -> dict[str, str | int]:
    return {"number": number, "language": language, "text": text, "state": state}


def _notice_numbered(publication: Publication, number: int) -> str:
    from newsletter.rendering.topic_notices import suggested_texts

    found = suggested_texts(publication, publication.language)
    if not 1 <= number <= len(found):
        raise NotFound(
            f"{publication.name} has no notice {number}. To list its notices, run `newsletter publications notices`."
        )
    return found[number - 1].notice
