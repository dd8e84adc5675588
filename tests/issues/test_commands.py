import json

import pytest

from newsletter.accounts.actor import Role
from newsletter.accounts.users import add_user
from newsletter.articles.models import Article
from newsletter.issues.models import Issue
from newsletter.scheduling.add_or_change_series import add_series
from subscribers.consent_by_editor import add_by_editor
from subscribers.consent_log import ConsentSource
from subscribers.models import SourceKind
from tests.sending.planned_mailing import planned_mailing


@pytest.fixture
def issue(cli, weekly, write):
    for title in "ABC":
        write(title)
    assert cli("issues", "compose").code == 0
    return Issue.objects.get()


@pytest.fixture
def show(cli):
    return lambda: json.loads(cli("issues", "show", "1", "--json").out)


def key(title):
    return Article.objects.get(title=title).pk


def test_lists_show_nothing_of_a_publication_for_which_the_user_has_no_role(
    cli, issue, make_publication, monkeypatch
):
    tides = make_publication("tides")
    add_user("eve", password="ebb and flow", roles=[], publication_roles=[(tides.pk, Role.EDITOR)])
    monkeypatch.setenv("NEWSLETTER_PASSWORD", "ebb and flow")
    add_series(issue.publication, "every Tuesday at 07:30", name="regular")
    editor = ConsentSource(SourceKind.EDITOR, "Ruth")
    add_by_editor(issue.publication.mailing_list, "ana@example.org", editor, consent="Form")
    planned = planned_mailing(issue)
    for words in ("issues list", "series list", "publications list", "mailings list"):
        assert "weekly" in cli(*words.split()).out.lower()
        assert "weekly" not in cli("--as", "eve", *words.split()).out.lower()
    assert "does not exist" in cli("--as", "eve", "mailings", "show", str(planned.pk)).err
    assert "tides" in cli("--as", "eve", "publications", "list").out


def test_an_issue_is_composed_listed_and_shown(cli, issue):
    assert "weekly/1" in cli("issues", "list", "weekly").out
    assert "C" in cli("issues", "show", "weekly/1").out


def test_a_second_issue_is_refused_in_a_sentence(cli, issue):
    result = cli("issues", "compose", "--days", "3000")
    assert result.code == 1
    assert (
        result.err
        == "newsletter: We did not find any new articles in the last 3,000 days. An issue needs at least 1 article.\n"
    )
    assert Issue.objects.count() == 1


def test_options_choose_for_one_issue(cli, weekly, write):
    write("On topic", topics=["trial"])
    write("Off topic")
    result = cli(
        "issues", "compose", "weekly", "--topic", "trial", "--source", "site", "--at-most", "5", "--json"
    )
    document = json.loads(result.out)
    assert [item["headline"] for item in document["items"]] == ["On topic"]
    assert document["selection"]["topics"] == ["trial"]


def test_many_edits_are_made_at_once(cli, issue, show, tmp_path):
    email = tmp_path / "opening.md"
    email.write_text("Dear *reader*", encoding="utf-8")
    result = cli(
        *("issues", "edit", "1", "--lead", key("A"), "--drop", key("B")),
        *("--headline", f"{key('C')}:See: this", "--subject", "Mine", "--opening", email),
    )
    assert result.code == 0
    document = show()
    assert [item["headline"] for item in document["items"]] == ["A", "See: this"]
    assert (document["subject"], document["opening"]) == ("Mine", "Dear *reader*")
    assert document["left_out"] == [{"article": key("B"), "headline": "B", "reason": "dropped"}]


def test_one_refused_edit_leaves_the_others_undone(cli, issue, show):
    before = show()
    result = cli("issues", "edit", "1", "--drop", key("A"), "--subject", "New", "--move", f"{key('B')}:9")
    assert result.code == 2
    assert "from 1 to 2, not 9" in result.err
    assert show() == before


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        ((), 2, "Choose what to change"),
        (("--headline", "no colon"), 2, "--headline: “no colon” is not valid"),
        (("--move", "1:x"), 2, "--move: “x” is not a position"),
        (("--pin", "99999"), 1, "Article 99999 is not in issue 1"),
        (("--opening", "/nowhere/x.md"), 1, "--opening: the file"),
        (("--opening", "/"), 2, "--opening: we could not read /"),
    ],
)
def test_wrong_edits_are_sentences(cli, issue, options, code, said):
    result = cli("issues", "edit", "1", *options)
    assert result.code == code
    assert said in result.err


def test_a_cancelled_issue_is_shown_so(cli, issue, show):
    assert cli("issues", "cancel", "1").code == 0
    assert show()["state"] == "cancelled"
    assert cli("issues", "edit", "1", "--subject", "x").err == (
        "newsletter: Issue 1 of Weekly has been cancelled. "
        "Only an issue that has not been sent or cancelled can be changed.\n"
    )


def test_empty_lists_say_what_to_do(cli):
    assert "issues compose" in cli("issues", "list").out
    assert "publications load" in cli("publications", "list").out
    assert cli("issues", "compose").code == 1


def test_publications_and_blocks_are_shown_and_changed(cli, weekly):
    assert "Changed tagline" in cli("publications", "edit", "weekly", "tagline=Hello").out
    assert json.loads(cli("publications", "show", "--json").out)["tagline"] == "Hello"
    assert cli("publications", "block", "weekly", "notice", "kind=notice", "title=Information").code == 0
    assert "Information" in cli("publications", "blocks").out
    assert cli("publications", "block", "weekly", "notice", "--remove").code == 0
    assert "no standing blocks yet" in cli("publications", "blocks").out


def test_init_loads_a_publication(cli, home, tmp_path):
    file = tmp_path / "paper.toml"
    file.write_text(
        'name = "Paper"\norganisation = "We"\nwebsite = "https://example.org"\nsender_name = "We"\n'
        'sender_address = "we@example.org"\npostal_address = "1 Quay"\n',
        encoding="utf-8",
    )
    assert "Created Paper (paper)" in cli("init", "--publication", file).out
    assert "already matches the file" in cli("init", "--publication", file).out
    assert json.loads(cli("init", "--publication", file, "--json").out)["publication"] == "paper"
