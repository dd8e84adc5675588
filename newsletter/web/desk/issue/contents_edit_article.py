"""Changing an article in one issue: its headline, text, section, picture and picture description."""

from collections.abc import Mapping

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from newsletter.articles.html_and_text.first_sentences import whole_sentences
from newsletter.errors import Invalid, NewsletterError, NotFound
from newsletter.issues.confirm_changes_that_end_approval import WouldEndApprovalError
from newsletter.issues.issue_versions import newest_version
from newsletter.issues.item_pictures import (
    LARGEST_UPLOAD,
    PictureChangedError,
    choose_picture,
    remove_picture,
    restore_picture,
    set_picture,
    too_large,
    uploaded_picture,
)
from newsletter.issues.models import Issue, Item
from newsletter.issues.page_urls import issue_path
from newsletter.issues.save_texts_without_overwriting import (
    Conflict,
    EndsApproval,
    Saved,
    TypedText,
    save_texts,
)
from newsletter.web.desk.desk_page import desk
from newsletter.web.desk.find_by_url import issue_at
from newsletter.web.desk.form_error import FormError
from newsletter.web.desk.issue.contents_page import Shown, say_done, show_contents
from newsletter.web.desk.issue.contents_view import NONE, SITE, UPLOADED, picture_choice
from newsletter.web.desk.issue.undo_and_restore_acts import undo_of


@desk("GET", "HEAD", "POST")
def edit_article(request: HttpRequest, slug: str, number: int, article: int) -> HttpResponse:
    """Save what an editor changed about an article in this issue. A GET opens the form."""
    issue = issue_at(slug, number)
    key = f"article:{article}"
    if request.method != "POST":
        return HttpResponseRedirect(f"{issue_path(issue)}?edit={key}#entry-article-{article}", status=303)
    typed = request.POST.dict()
    before = newest_version(issue)
    try:
        item = _item(issue, article)
        section = item.section
        conflicts, agreed_to_nothing = _save_texts(issue, item, typed, with_alt=not request.FILES)
        if not agreed_to_nothing:
            _save_picture(request, issue, item, typed)
    except WouldEndApprovalError as question:
        # Beside the row, because a page that asks could not carry an uploaded picture.
        conflicts, agreed_to_nothing = (
            {},
            f"{question} If you save again, the issue will no longer be approved.",
        )
    except NewsletterError as error:
        if isinstance(error, PictureChangedError):
            typed = {
                name: value
                for name, value in typed.items()
                if name not in {"version-picture", "started-picture"}
            }
        shown = Shown(key=key, panel="edit", typed=typed)
        return show_contents(request, issue, FormError.of(error, key, typed), shown=shown)
    if conflicts or agreed_to_nothing:
        shown = Shown(key=key, panel="edit", typed=typed, conflicts=conflicts)
        sentence = agreed_to_nothing or " ".join(each.sentence for each in conflicts.values())
        return show_contents(request, issue, FormError(key, sentence, 409, typed), shown=shown)
    changed = newest_version(issue) - before
    saved = _item(issue, article)
    sentence = f"“{saved}” was saved for this issue." if changed else "Nothing was changed."
    if saved.section != section:
        moved_to = (
            f"is now in the section “{saved.section}”" if saved.section else "is now outside all sections"
        )
        sentence += f" It {moved_to}."
    undo = undo_of(issue, "issue", anchor=f"entry-article-{article}") if changed == 1 else None
    return say_done(request, issue, key, sentence, undo=undo)


def _item(issue: Issue, article: int) -> Item:
    found = Item.objects.select_related("article", "picture").filter(issue=issue, article=article).first()
    if found is None:
        raise NotFound("The article is no longer in this issue. Reload the page.")
    return found


def _save_texts(
    issue: Issue, item: Item, typed: Mapping[str, str], *, with_alt: bool
) -> tuple[dict[str, Conflict], str]:
    """Save the texts that belong to the article. Return what two people changed, and why an approval must end first."""
    site: dict[str, str | None] = {
        "headline": item.article.title.strip(),
        "blurb": whole_sentences(item.article.standfirst),
        "section": None,
    }
    # Another picture comes with a description of its own.
    if with_alt and typed.get("picture", SITE) != NONE and not _changes_picture(typed):
        site["alt"] = None
    texts = []
    for name, text_of_site in site.items():
        if name not in typed or typed.get("use_other") == name:
            continue
        text = typed[name].replace("\r\n", "\n").strip()
        if text == text_of_site or typed.get("as_on_site") == name:
            text = ""
        started_from = typed.get(f"version-{name}", "")
        texts.append(
            TypedText(field=f"article-{item.article_id}-{name}", text=text, started_from=started_from)
        )
    outcomes = save_texts(issue, texts, agreed=typed.get("agreed", ""))
    ends = next((each.sentence for each in outcomes if isinstance(each, EndsApproval)), "")
    conflicts = {
        each.field.rsplit("-", 1)[1]: each for each in outcomes if isinstance(each, Conflict) and not ends
    }
    assert all(isinstance(each, (Saved, Conflict, EndsApproval)) for each in outcomes)
    return conflicts, f"{ends} If you save again, the issue will no longer be approved." if ends else ""


def _changes_picture(typed: Mapping[str, str]) -> bool:
    """Return whether the form asks for another picture than it started from."""
    return typed.get("as_on_site") == "picture" or typed.get("picture") != typed.get("started-picture")


def _save_picture(request: HttpRequest, issue: Issue, item: Item, typed: Mapping[str, str]) -> None:
    article, seen = item.article_id, typed.get("version-picture")
    if isinstance(request.FILES.get("picture_file"), UploadedFile):
        _upload(request, issue, article, seen)
        return
    choice, now = typed.get("picture", picture_choice(item)), picture_choice(item)
    if typed.get("as_on_site") == "picture":
        choice = SITE
    if not _changes_picture(typed) or choice == now:
        return
    if choice == NONE:
        remove_picture(issue, article, seen=seen)
    elif choice == SITE:
        restore_picture(issue, article, seen=seen)
    elif choice != UPLOADED:
        choose_picture(issue, article, choice, seen=seen)


def _upload(request: HttpRequest, issue: Issue, article: int, seen: str | None) -> None:
    file, alt = request.FILES.get("picture_file"), request.POST.get("alt", "").strip()
    if not isinstance(file, UploadedFile) or not file.size:
        raise Invalid("Choose a picture first.")
    name = file.name or ""
    if file.size > LARGEST_UPLOAD:
        raise Invalid(too_large(file.size, name))
    if not alt:
        raise Invalid(
            f"Describe “{name}” in a few words, for readers who cannot see it. Then upload it again."
        )
    set_picture(issue, article, uploaded_picture(file.read(), name=name), alt, seen=seen)
