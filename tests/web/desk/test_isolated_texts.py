"""What a person types neither turns round the words beside it nor brings shell commands onto a page of the desk."""

import lxml.html

from newsletter.accounts.actor import acting_as
from newsletter.articles.sources import describe_source
from newsletter.issues.autosaved_texts import clean_typed, text_version
from newsletter.issues.edit_issue_blocks import add_block
from newsletter.issues.models import Issue
from newsletter.issues.running_order import blocks_of, key_of
from newsletter.web.desk.form_error import without_commands

HERE = "/desk/issues/harbour-letter/1/"
TURNS_ROUND = "\u202e"


def test_a_subject_is_stored_without_characters_that_turn_round_what_follows(desk_of, ruths_draft):
    ruth = desk_of("ruth")
    fields = {"subject": f"Harbour {TURNS_ROUND}news", "version-subject": text_version(ruths_draft.subject)}
    assert ruth.post(f"{HERE}texts/", fields).status_code == 303
    assert Issue.objects.get(pk=ruths_draft.pk).subject == "Harbour news"
    assert clean_typed("\u202da\u202e\0") == "a"
    assert clean_typed("שלום \u2067אב\u2069 b") == "שלום \u2067אב\u2069 b"


def test_titles_of_sources_and_blocks_are_stored_without_such_characters(ruths_draft, people):
    source = ruths_draft.items.first().article.source
    key = add_block(
        ruths_draft,
        "community",
        title=f"Take {TURNS_ROUND}part",
        body=f"Come{TURNS_ROUND}.\nSoon.",
        data={"links": [{"label": f"Tell{TURNS_ROUND} us", "url": "https://harbour.example.org/"}]},
    )
    block = next(each for each in blocks_of(ruths_draft) if key_of(each) == key)
    assert (block.title, block.body) == ("Take part", "Come.\nSoon.")
    assert block.data["links"][0]["label"] == "Tell us"
    with acting_as(people["ada"]):
        describe_source(source, title=f"Harbour {TURNS_ROUND}news", language="")
    source.refresh_from_db()
    assert source.title == "Harbour news"


def test_names_on_an_issues_page_are_isolated_from_the_words_beside_them(desk_of, ruths_draft):
    name = f"Harbour{TURNS_ROUND}"
    type(ruths_draft.publication).objects.filter(pk=ruths_draft.publication.pk).update(name=name)
    source = ruths_draft.items.first().article.source
    type(source).objects.filter(pk=source.pk).update(title=f"Source{TURNS_ROUND}")
    page = lxml.html.document_fromstring(desk_of("ruth").get(HERE).content.decode())
    assert page.cssselect("main .crumb bdi")[0].text == name
    assert f"Source{TURNS_ROUND}" in {each.text for each in page.cssselect("main bdi.row-source")}


def test_an_error_at_the_desk_names_no_shell_command(desk_of, ruths_draft):
    answer = desk_of("ruth").post(f"{HERE}add/", {"article": "0"})
    assert answer.status_code == 404
    assert "We could not find article 0." in answer.content.decode()
    assert "`newsletter" not in answer.content.decode()


def test_what_an_error_says_besides_a_command_is_kept():
    assert (
        without_commands("It is gone. To fetch it again, run `newsletter issues pictures`.") == "It is gone."
    )
    assert without_commands("It is gone. Ask Ada.") == "It is gone. Ask Ada."
    assert (
        without_commands("Run `newsletter doctor`.")
        == "You cannot do this in the desk. Ask an administrator."
    )
