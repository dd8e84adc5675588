"""`newsletter themes`: list, new, check and preview at the command line."""

import json


def test_a_theme_is_created_listed_checked_and_previewed(cli, home, tmp_path):
    assert cli("themes", "new", "garden").code == 0
    listed = json.loads(cli("themes", "list", "--json").out)
    assert [each["name"] for each in listed] == ["classic", "garden", "plain"]
    assert cli("themes", "check", "garden").out == "garden: no mistakes\n"
    shown = cli("themes", "preview", "garden", "--out", str(tmp_path / "shown"))
    assert shown.code == 0
    assert (tmp_path / "shown" / "garden-en.html").is_file()
    assert (home / "themes" / "garden" / "style.css").is_file()


def test_a_theme_that_cannot_be_used_is_named_and_check_fails(cli, home):
    cli("themes", "new", "garden", "--extend")
    (home / "themes" / "garden" / "theme.toml").write_text("title =", encoding="utf-8")
    assert "These themes cannot be used: garden." in cli("themes", "list").out
    checked = cli("themes", "check")
    assert checked.code == 1
    assert "Mistake: Theme garden: we could not read theme.toml" in checked.out
    assert "classic: no mistakes" in checked.out


def test_what_only_should_be_mended_does_not_fail_the_check(cli, home):
    cli("themes", "new", "garden")
    (home / "themes" / "garden" / "old.css").write_text(".x{}", encoding="utf-8")
    checked = cli("themes", "check", "garden")
    assert checked.code == 0
    assert "Advice: garden/old.css: No part of the theme includes this file." in checked.out
    [found] = json.loads(cli("themes", "check", "garden", "--json").out)["garden"]
    assert found["must"] is False
