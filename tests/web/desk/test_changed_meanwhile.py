"""Two people have the same form open. Who saves last sees what the other saved, and overwrites nothing unseen."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from newsletter.accounts.actor import acting_as
from newsletter.articles.article_terms import terms_of
from newsletter.articles.models import Article, Source
from newsletter.errors import Refused
from newsletter.first_run.publication_details import (
    LABELS,
    PublicationDetails,
    details_version,
    save_details,
)
from newsletter.issues import edit_issue_articles, edit_issue_blocks, edit_issue_texts
from newsletter.issues.autosaved_texts import text_field, text_version
from newsletter.issues.block_edit_conflicts import BlockChangedError, block_version
from newsletter.issues.change_articles_for_all_issues import change_article, change_terms, texts_version
from newsletter.issues.issue_versions import require_state_seen, state_seen
from newsletter.issues.item_pictures import (
    PictureChangedError,
    picture_version,
    remove_picture,
    restore_picture,
    set_picture_alt,
)
from newsletter.issues.models import StandingBlock
from newsletter.issues.recompose import recompose_issue
from newsletter.issues.running_order import blocks_of
from newsletter.issues.save_texts_without_overwriting import Conflict, Saved, TypedText, save_text
from newsletter.scheduling.add_or_change_series import SeriesChange, add_series, change_series
from newsletter.scheduling.series_names import describe_series, find_series
from newsletter.sending.proof_groups import group_version, proof_group, proof_groups, save_proof_group
from tests.articles.pictures.drawing import photo, saved
from tests.web.desk.test_contents import HERE, article, document, text

EDIT = f"{HERE}blocks/flood/edit/"


@pytest.fixture
def flood(ruths_draft):
    return StandingBlock.objects.create(
        publication=ruths_draft.publication, name="flood", kind="notice", title="Flood", body="Please help."
    )


def block(issue):
    return next(each for each in blocks_of(issue) if each.block and each.block.name == "flood")


def change(issue, title, seen=None):
    edit_issue_blocks.edit_block(issue, "flood", title=title, body="Please help.", data={}, seen=seen)


def form_of(page, action):
    return dict(next(each for each in document(page).forms if (each.action or "").endswith(action)).fields)


def test_a_block_that_somebody_changed_since_is_not_overwritten(ruths_draft, flood, people):
    seen = block_version(block(ruths_draft))
    with acting_as(people["amir"]):
        change(ruths_draft, "Amir’s title", seen)
    with acting_as(people["ruth"]):
        with pytest.raises(
            BlockChangedError, match="amir has changed this block since you opened it"
        ) as error:
            change(ruths_draft, "Ruth’s title", seen)
        assert error.value.block.title == "Amir’s title"
        assert block(ruths_draft).title == "Amir’s title"
        change(ruths_draft, "Ruth’s title", block_version(error.value.block))
    assert block(ruths_draft).title == "Ruth’s title"


def test_a_block_of_every_issue_that_changed_since_is_a_conflict_as_well(ruths_draft, flood, people):
    seen = block_version(block(ruths_draft))
    StandingBlock.objects.filter(pk=flood.pk).update(body="Please help us now.")
    with acting_as(people["ruth"]), pytest.raises(BlockChangedError, match="Somebody else has changed"):
        change(ruths_draft, "Ruth’s title", seen)


def test_saving_the_same_block_twice_is_no_conflict_with_oneself(ruths_draft, flood, people):
    seen = block_version(block(ruths_draft))
    with acting_as(people["ruth"]):
        change(ruths_draft, "Ruth’s title", seen)
        change(ruths_draft, "Ruth’s title", seen)
    assert block(ruths_draft).title == "Ruth’s title"


def test_the_form_of_a_block_shows_both_texts_and_one_is_chosen(ruth, ruths_draft, flood, people):
    fields = form_of(ruth.get(f"{HERE}?edit=block:flood"), "blocks/flood/edit/") | {"title": "Ruth’s title"}
    with acting_as(people["amir"]):
        change(ruths_draft, "Amir’s title")
    answer = ruth.post(EDIT, fields)
    assert answer.status_code == 409
    assert "Amir’s title" in document(answer).cssselect(".theirs")[0].text_content()
    again = form_of(answer, "blocks/flood/edit/")
    assert again["title"] == "Ruth’s title"
    ruth.post(EDIT, again | {"use_other": "block"})
    assert block(ruths_draft).title == "Amir’s title"
    ruth.post(EDIT, again)
    assert block(ruths_draft).title == "Ruth’s title"


@pytest.mark.parametrize("field", ["section", "alt"])
def test_the_section_and_the_description_of_a_picture_are_not_overwritten_unseen(ruths_draft, people, field):
    number = article(ruths_draft, 2)
    name = f"article-{number}-{field}"
    started_from = text_version(text_field(ruths_draft, name).text)
    theirs = {"section": edit_issue_articles.move_to_section, "alt": set_picture_alt}[field]
    with acting_as(people["amir"]):
        theirs(ruths_draft, number, "Amir’s words")
    with acting_as(people["ruth"]):
        typed = TypedText(field=name, text="Ruth’s words", started_from=started_from)
        outcome = save_text(ruths_draft, typed)
        assert isinstance(outcome, Conflict)
        assert (outcome.theirs, outcome.changed_by) == ("Amir’s words", "amir")
        again = TypedText(field=name, text="Ruth’s words", started_from=outcome.version)
        assert isinstance(save_text(ruths_draft, again), Saved)
    assert text_field(ruths_draft, name).text == "Ruth’s words"


def test_a_form_that_changes_only_the_description_leaves_the_new_section_of_a_colleague(
    ruth, ruths_draft, people
):
    number = article(ruths_draft, 2)
    action = f"articles/{number}/edit/"
    fields = form_of(ruth.get(f"{HERE}?edit=article:{number}"), action)
    with acting_as(people["amir"]):
        edit_issue_articles.move_to_section(ruths_draft, number, "Amir’s section")
    sent = {name: value for name, value in fields.items() if value is not None} | {"alt": "A quay at dawn"}
    assert ruth.post(f"{HERE}{action}", sent, follow=True).status_code == 200
    item = ruths_draft.items.get(article=number)
    assert (item.section, item.picture_alt) == ("Amir’s section", "A quay at dawn")


def test_of_two_sections_the_form_shows_both_and_the_other_one_can_stay(ruth, ruths_draft, people):
    number = article(ruths_draft, 2)
    action = f"articles/{number}/edit/"
    with acting_as(people["amir"]):
        edit_issue_articles.move_to_section(ruths_draft, number, "Amir’s section")
    sent = {"section": "Ruth’s section", "version-section": text_version("")}
    answer = ruth.post(f"{HERE}{action}", sent)
    assert answer.status_code == 409
    assert "Amir’s section" in document(answer).cssselect(".theirs")[0].text_content()
    assert "Ruth’s section" in text(answer)
    ruth.post(f"{HERE}{action}", sent | {"use_other": "section"})
    assert ruths_draft.items.get(article=number).section == "Amir’s section"


def test_a_picture_that_somebody_chose_since_is_not_replaced_unseen(ruths_draft, people):
    number = article(ruths_draft, 2)
    seen = picture_version(ruths_draft.items.get(article=number))
    with acting_as(people["amir"]):
        remove_picture(ruths_draft, number, seen=seen)
    with acting_as(people["ruth"]):
        with pytest.raises(PictureChangedError, match="o use yours, save again"):
            restore_picture(ruths_draft, number, seen=seen)
        restore_picture(ruths_draft, number, seen=picture_version(ruths_draft.items.get(article=number)))
    assert not ruths_draft.items.get(article=number).without_picture


def test_a_proof_group_is_not_overwritten_unseen_nor_made_twice(ruths_draft, people):
    publication, none = ruths_draft.publication, group_version([])
    with acting_as(people["amir"]):
        save_proof_group(publication, "Trustees", ["tom@example.net"], seen=none)
    with acting_as(people["ruth"]):
        with pytest.raises(Refused, match="has changed since you opened it"):
            save_proof_group(publication, "Trustees", ["tess@example.net"], seen=none)
        seen = group_version(["tom@example.net"])
        save_proof_group(publication, "Trustees", ["tess@example.net"], seen=seen)
    assert proof_group(publication, "Trustees").addresses == ["tess@example.net"]


def test_the_form_of_a_new_proof_group_shows_the_group_that_a_colleague_made(ruth, ruths_draft, people):
    with acting_as(people["amir"]):
        save_proof_group(ruths_draft.publication, "Trustees", ["tom@example.net"])
    sent = {"name": "Trustees", "addresses": "tess@example.net", "seen": group_version([])}
    answer = ruth.post(f"{HERE}test/group/", sent)
    assert answer.status_code == 409
    assert "tom@example.net" in document(answer).cssselect(".theirs")[0].text_content()
    again = form_of(answer, "test/group/")
    assert again["addresses"].strip() == "tess@example.net"
    ruth.post(f"{HERE}test/group/", again)
    assert proof_group(ruths_draft.publication, "Trustees").addresses == ["tess@example.net"]


def test_the_name_of_a_source_is_not_overwritten_unseen(desk_of):
    ada = desk_of("ada")
    found = Source.objects.create(
        name="harbour", title="Harbour", kind="feed", location="https://example.org/f"
    )
    fields = form_of(ada.get(f"/desk/sources/{found.pk}/"), f"{found.pk}/describe/")
    Source.objects.filter(pk=found.pk).update(title="The quay")
    answer = ada.post(f"/desk/sources/{found.pk}/describe/", fields | {"title": "Harbour news"})
    assert answer.status_code == 409
    assert "name is now “The quay”" in text(answer)
    again = form_of(answer, f"{found.pk}/describe/")
    assert again["title"] == "Harbour news"
    ada.post(f"/desk/sources/{found.pk}/describe/", again)
    assert Source.objects.get(pk=found.pk).title == "Harbour news"


def test_a_recurring_issue_is_not_overwritten_unseen(desk_of, publication, people):
    with acting_as(people["ada"]):
        series = add_series(publication, "every Tuesday at 07:30")
    ada, path = desk_of("ada"), reverse("desk:change-series", args=["harbour-letter", series.name])
    fields = next(dict(each.fields) for each in document(ada.get(path)).forms if "phrase" in each.fields)
    with acting_as(people["ada"]):
        change_series(series, SeriesChange(recurrence="every Friday at 07:30"))
    answer = ada.post(path, fields | {"mode": "approve"})
    assert answer.status_code == 409
    assert "It is now: every Friday at 07:30" in text(answer)
    again = next(dict(each.fields) for each in document(answer).forms if "phrase" in each.fields)
    assert again["phrase"] == "every Tuesday at 07:30"
    ada.post(path, again)
    assert describe_series(find_series(f"harbour-letter/{series.name}")).startswith("every Tuesday at 07:30")


def test_the_texts_of_an_article_that_a_colleague_changed_are_shown_beside_the_own_ones(
    ruth, ruths_draft, people
):
    number = article(ruths_draft, 2)
    action = f"articles/{number}/change/"
    fields = form_of(ruth.get(f"/desk/articles/{number}/"), action) | {"title": "Ruth’s headline"}
    with acting_as(people["amir"]):
        seen = texts_version(Article.objects.get(pk=number))
        change_article(number, {"title": "Amir’s headline"}, seen=seen)
    answer = ruth.post(f"/desk/{action}", fields)
    assert answer.status_code == 409
    assert "Amir’s headline" in document(answer).cssselect(".theirs")[0].text_content()
    assert form_of(answer, action)["title"].strip() == "Ruth’s headline"


def test_the_answer_to_an_act_that_succeeded_names_the_form_that_the_browser_need_not_keep(ruth):
    sent = {"title": "", "markdown": "A text.", "kept_as": "k3ptname"}
    assert "desk-stored" not in ruth.post("/desk/articles/write/", sent).cookies
    answer = ruth.post("/desk/articles/write/", sent | {"title": "A headline"})
    assert answer.status_code == 303
    assert answer.cookies["desk-stored"].value == "k3ptname"
    evil = sent | {"title": "Another", "kept_as": "x; Path=/evil"}
    assert "desk-stored" not in ruth.post("/desk/articles/write/", evil).cookies


def test_a_block_is_not_put_back_to_the_text_of_every_issue_past_a_colleague(
    ruth, ruths_draft, flood, people
):
    with acting_as(people["ruth"]):
        change(ruths_draft, "Ruth’s title")
    stale = next(
        dict(each.fields)
        for each in document(ruth.get(HERE)).forms
        if (each.action or "").endswith("blocks/flood/")
    )
    with acting_as(people["amir"]):
        change(ruths_draft, "Amir’s title")
    answer = ruth.post(f"{HERE}blocks/flood/", stale | {"act": "restore"})
    assert answer.status_code == 409
    assert (
        "amir has changed this block since you opened it. Its text is now: “Amir’s title – Please help.”"
        in text(answer)
    )
    assert block(ruths_draft).title == "Amir’s title"
    again = form_of(answer, "blocks/flood/")
    ruth.post(f"{HERE}blocks/flood/", again | {"act": "restore"})
    assert block(ruths_draft).title == "Flood"


def test_a_block_that_a_colleague_changed_is_not_removed_unseen(ruth, ruths_draft, people):
    with acting_as(people["ruth"]):
        key = edit_issue_blocks.add_block(ruths_draft, "notice", title="Open day", body="Come.", data={})
    path = f"{HERE}blocks/{key}/"
    stale = form_of(ruth.get(HERE), f"blocks/{key}/")
    with acting_as(people["amir"]):
        edit_issue_blocks.edit_block(ruths_draft, key, title="Open day", body="Come at ten.", data={})
    answer = ruth.post(path, stale | {"act": "remove"})
    assert answer.status_code == 409
    assert "Come at ten." in text(answer)
    ruth.post(path, form_of(answer, f"blocks/{key}/") | {"act": "remove"})
    assert not ruths_draft.blocks.exists()


def test_a_proof_group_that_a_colleague_changed_is_not_removed_unseen(ruth, ruths_draft, people):
    publication = ruths_draft.publication
    save_proof_group(publication, "Trustees", ["tom@example.net"])
    stale = {"name": "Trustees", "seen": group_version(["tom@example.net"])}
    with acting_as(people["amir"]):
        save_proof_group(publication, "Trustees", ["tom@example.net", "tess@example.net"])
    answer = ruth.post(f"{HERE}test/group/remove/", stale)
    assert answer.status_code == 409
    assert "tess@example.net" in document(answer).cssselect(".theirs")[0].text_content()
    seen = form_of(answer, "test/group/")["seen"]
    ruth.post(f"{HERE}test/group/remove/", stale | {"seen": seen})
    assert proof_groups(publication) == []


def test_an_uploaded_picture_does_not_replace_the_description_that_a_colleague_wrote(
    ruth, ruths_draft, people
):
    number = article(ruths_draft, 2)
    action = f"articles/{number}/edit/"
    stale = form_of(ruth.get(f"{HERE}?edit=article:{number}"), action) | {"alt": "A quay at dawn"}
    with acting_as(people["amir"]):
        set_picture_alt(ruths_draft, number, "Amir’s words")
    file = SimpleUploadedFile("quay.png", saved(photo(600, 400), "PNG"), "image/png")
    sent = {name: value for name, value in stale.items() if value is not None}
    answer = ruth.post(f"{HERE}{action}", sent | {"picture_file": file})
    assert answer.status_code == 409
    assert "Its description is “Amir’s words”." in text(answer)
    assert ruths_draft.items.get(article=number).picture_alt == "Amir’s words"
    again = {name: value for name, value in form_of(answer, action).items() if value is not None}
    assert again["alt"] == "A quay at dawn"
    file.seek(0)
    ruth.post(f"{HERE}{action}", again | {"picture_file": file})
    assert ruths_draft.items.get(article=number).picture_alt == "A quay at dawn"


def test_the_picture_of_an_article_is_not_replaced_past_a_colleague(ruth, ruths_draft, people):
    number = article(ruths_draft, 2)
    action, page = f"/desk/articles/{number}/picture/", f"/desk/articles/{number}/"
    stale = form_of(ruth.get(page), action)["seen"]
    with acting_as(people["amir"]):
        change_article(
            number, {"image_alt": "Amir’s words"}, seen=texts_version(Article.objects.get(pk=number))
        )

    def upload(seen):
        file = SimpleUploadedFile("quay.png", saved(photo(600, 400), "PNG"), "image/png")
        return ruth.post(action, {"picture": file, "picture_alt": "A quay", "seen": seen})

    answer = upload(stale)
    assert answer.status_code == 409
    assert "Somebody else has changed the picture or its description" in text(answer)
    assert Article.objects.get(pk=number).image_alt == "Amir’s words"
    upload(form_of(answer, action)["seen"])
    assert Article.objects.get(pk=number).image_alt == "A quay"


def test_the_terms_of_an_article_are_not_overwritten_past_a_colleague(ruth, ruths_draft, people):
    number = article(ruths_draft, 2)
    action, page = f"/desk/articles/{number}/terms/", f"/desk/articles/{number}/"
    stale = form_of(ruth.get(page), action)["seen"]
    with acting_as(people["amir"]):
        change_terms(number, {"promotes": "others"})
    answer = ruth.post(action, {"promotes": "goods", "seen": stale})
    assert answer.status_code == 409
    assert "Somebody else has changed the terms of this article" in text(answer)
    assert terms_of(Article.objects.get(pk=number)).promotes == "others"
    ruth.post(action, {"promotes": "goods", "seen": form_of(answer, action)["seen"]})
    assert terms_of(Article.objects.get(pk=number)).promotes == "goods"
    answer = ruth.post(action, {"promotes": "magic", "seen": form_of(ruth.get(page), action)["seen"]})
    assert answer.status_code == 422
    assert terms_of(Article.objects.get(pk=number)).promotes == "goods"


def test_a_text_of_an_article_is_not_put_back_past_a_colleague(ruth, ruths_draft, people):
    number = article(ruths_draft, 2)
    page, path = f"/desk/articles/{number}/", f"/desk/articles/{number}/put-back/"

    def change_headline(title):
        with acting_as(people["amir"]):
            change_article(number, {"title": title}, seen=texts_version(Article.objects.get(pk=number)))

    change_headline("Amir’s first headline")
    stale = form_of(ruth.get(page), path)
    change_headline("Amir’s second headline")
    answer = ruth.post(path, stale)
    assert answer.status_code == 409
    assert "shows the new version: “Amir’s second headline”" in text(answer)
    ruth.post(path, form_of(answer, path))
    assert not Article.objects.get(pk=number).title.startswith("Amir")


def test_restoring_a_version_and_choosing_again_wait_if_a_colleague_has_changed_the_issue(
    ruth, ruths_draft, people
):
    with acting_as(people["ruth"]):
        edit_issue_texts.set_subject(ruths_draft, "Ruth’s subject")
    version = form_of(ruth.get(f"{HERE}versions/1/"), "versions/1/restore/")
    seen = state_seen(ruths_draft)
    with acting_as(people["ruth"]):
        edit_issue_texts.set_preheader(ruths_draft, "Ruth’s own later change is no reason to ask")
        require_state_seen(ruths_draft, seen)
    with acting_as(people["amir"]):
        edit_issue_texts.set_subject(ruths_draft, "Amir’s subject")
    answer = ruth.post(f"{HERE}versions/1/restore/", version)
    assert answer.status_code == 409
    assert "amir has changed this issue since you opened the page" in text(answer)
    with acting_as(people["ruth"]), pytest.raises(Refused, match="amir has changed this issue"):
        recompose_issue(ruths_draft, seen=seen)
    assert ruths_draft.__class__.objects.get().subject == "Amir’s subject"
    ruth.post(f"{HERE}versions/1/restore/", form_of(ruth.get(f"{HERE}versions/1/"), "versions/1/restore/"))
    assert ruths_draft.__class__.objects.get().subject != "Amir’s subject"


def test_what_a_colleague_changed_about_a_source_or_a_recurring_issue_is_not_removed_unseen(
    desk_of, publication, people
):
    ada = desk_of("ada")
    found = Source.objects.create(name="quay", title="Quay", kind="feed", location="https://example.org/q")
    with acting_as(people["ada"]):
        series = add_series(publication, "every Tuesday at 07:30")
    removals = [
        f"/desk/sources/{found.pk}/remove/",
        reverse("desk:remove-series", args=["harbour-letter", series.name]),
    ]
    stale = [
        next(dict(f.fields) for f in document(ada.get(path)).forms if "seen" in f.fields) for path in removals
    ]
    Source.objects.filter(pk=found.pk).update(title="The quay")
    with acting_as(people["ada"]):
        change_series(series, SeriesChange(recurrence="every Friday at 07:30"))
    for path, fields in zip(removals, stale, strict=True):
        answer = ada.post(path, fields)
        assert answer.status_code == 409
        assert "has changed since you opened it" in text(answer)
        assert "Nothing was removed" in text(answer)


def test_the_details_of_a_publication_are_not_overwritten_unseen(publication, people):
    values = {name: str(getattr(publication, name)) for name in LABELS}
    seen = details_version(publication)
    with acting_as(people["ada"]):
        save_details(PublicationDetails(**values | {"organisation": "Harbour Trust"}), publication, seen=seen)
        with pytest.raises(Refused, match=r"The saved details are now: .*the organisation “Harbour Trust”"):
            save_details(PublicationDetails(**values | {"name": "The Quay"}), publication, seen=seen)
        publication.refresh_from_db()
        seen = details_version(publication)
        save_details(PublicationDetails(**values | {"name": "The Quay"}), publication, seen=seen)
    publication.refresh_from_db()
    assert publication.name == "The Quay"
