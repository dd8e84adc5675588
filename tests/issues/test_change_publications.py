import pytest

from newsletter.articles.models import Source
from newsletter.errors import Invalid, NotFound
from newsletter.issues.change_publications import edit_publication
from newsletter.issues.load_publication import load_publication, load_publication_file
from newsletter.issues.models import Publication, StandingBlock
from subscribers.models import List

LEAST = """
slug = "email"
name = "The Letter"
organisation = "Harbour"
website = "https://example.org/"
sender_name = "Harbour"
sender_address = "letter@example.org"
postal_address = "1 Quay"
"""


@pytest.fixture
def file(tmp_path, db):
    def write(text):
        path = tmp_path / "email.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_the_least_a_file_says_makes_a_publication_with_a_list(file):
    publication = load_publication(file(LEAST))
    assert (publication.slug, publication.mailing_list.slug, publication.theme) == (
        "email",
        "email",
        "classic",
    )
    assert publication.mailing_list.name == "The Letter"


def test_loading_again_changes_nothing(file):
    path = file(LEAST + '[[blocks]]\nname = "notice"\nkind = "notice"\ntitle = "Information"\n')
    assert load_publication_file(path).created
    again = load_publication_file(path)
    assert (again.created, again.changes) == (False, ())
    assert (Publication.objects.count(), List.objects.count(), StandingBlock.objects.count()) == (1, 1, 1)


def test_loading_again_says_what_changed_and_keeps_what_the_file_does_not_say(file):
    publication = load_publication(file(LEAST))
    edit_publication(publication, {"tagline": "Written in the database"})
    loaded = load_publication_file(file(LEAST.replace("The Letter", "A Letter")))
    assert loaded.changes == ("name",)
    assert Publication.objects.get().tagline == "Written in the database"


def test_what_the_sign_up_page_shows_is_kept_when_a_file_changes_the_list(file):
    load_publication(file(LEAST))
    load_publication(file(LEAST + '[list]\nslug = "email"\nname = "News from the harbour"\n'))
    assert "“News from the harbour”" in List.objects.get().wordings.latest("version").text


def test_what_a_block_was_given_since_stays_unless_the_file_says_it(file):
    text = LEAST + '[[blocks]]\nname = "appeal"\nkind = "appeal"\ntarget = 5000\n'
    publication = load_publication(file(text))
    block = publication.blocks.get()
    block.data = block.data | {"raised": "100"}
    block.save()
    load_publication(file(text.replace("5000", "6000")))
    assert publication.blocks.get().data == {"target": "6000", "raised": "100"}


def test_a_folder_beside_the_file_becomes_a_source(file, tmp_path):
    articles = tmp_path / "articles"
    articles.mkdir()
    (articles / "one.md").write_text("---\ntitle: One\n---\nText.\n", encoding="utf-8")
    path = file(LEAST + '[[sources]]\nname = "ours"\nkind = "markdown"\nlocation = "articles"\n')
    assert "source ours" in load_publication_file(path).changes
    assert load_publication_file(path).changes == ()
    assert Source.objects.get().name == "ours"


def test_a_source_that_is_not_there_leaves_nothing_behind(file):
    with pytest.raises(Invalid, match="missing"):
        load_publication(file(LEAST + '[[sources]]\nlocation = "missing/folder"\n'))
    assert not Publication.objects.exists()
    assert not List.objects.exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("slug = ", "email.toml is not a valid TOML file"),
        ('colour = "#fff"', "email.toml: colour is not a valid key. The keys are slug, name"),
        ("name = 5", "name must be text"),
        ('slug = "with space"', "slug"),
        ('website = "javascript:alert(1)"', "website: “javascript:alert(1)” is not a link"),
        ('sender_address = "nobody"', "sender_address: Enter a valid email address"),
        ('sender_name = "Two\\nlines"', "sender_name: Enter this on one line"),
        ('zone = "Europe/Atlantis"', "zone: “Europe/Atlantis” is not an IANA time zone"),
        ('language = "qq-nowhere"', "language: “qq-nowhere” is not a language tag"),
        ('language = "en-nonsense"', "language: “en-nonsense” is not a language tag"),
        ('theme = "baroque"', "theme: We could not find a theme called “baroque”"),
        ('accent_colour = "blue"', "accent_colour: Enter a colour as # followed by 6 hexadecimal digits"),
        ('heading_font = "x; color: red"', "heading_font: Enter font names"),
        ('logo_url = "logo.png"', "logo_url: “logo.png” is not a link"),
        (
            'subject_pattern = "{lead!r:>99999999}"',
            "subject_pattern: A subject pattern can only contain the placeholders {name}",
        ),
        ('subject_pattern = "{lead.__class__}"', "subject_pattern"),
        ("[selection]\nat_mots = 3", "selection.at_mots is not a valid key. The keys are sources, topics"),
        ("[selection]\nat_most = 0", "selection.at_most must be a whole number from 1 to 200"),
        ("[selection]\nat_most = true", "selection.at_most must be a whole number"),
        ('[selection]\nsince = "Monday"', "selection.since must be “last issue” or a number of days"),
        (
            "[selection]\nat_least = 20",
            "selection.at_least (20) must not be more than selection.at_most (15)",
        ),
        ('[selection]\ntopics = "one"', "selection.topics must be a list of words"),
        ('[[sections]]\ntopics = ["x"]', "sections.title"),
        ('[[sections]]\ntitle = "A"\n[[sections]]\ntitle = "A"', "sections has the title “A” twice"),
        ('[[sections]]\ntitle = "A"\n[[sections]]\ntitle = "B"', "Only one section can have no topics"),
        (
            '[[sources]]\nlocation = "x"\nkind = "gopher"',
            "sources.kind (number 1): “gopher” is not a kind of source",
        ),
        ('[[blocks]]\nkind = "notice"', "blocks.name (number 1) is missing"),
        ('[[blocks]]\nname = "a"\nkind = "banner"', "block a: "),
        ('[[blocks]]\nname = "a"\nkind = "appeal"\ntarget = "much"', "block a: appeal.target"),
        ('[list]\nname = "x"', "list.slug is missing"),
    ],
)
def test_what_cannot_be_used_is_one_sentence_that_names_the_key(file, text, said):
    key = text.split(" ")[0]
    rest = "\n".join(line for line in LEAST.splitlines() if not line.startswith(f"{key} "))
    with pytest.raises(Invalid) as wrong:
        load_publication(file(f"{rest}\n{text}\n"))
    assert said in str(wrong.value)
    assert str(wrong.value).endswith(".")
    assert not Publication.objects.exists()


@pytest.mark.parametrize(
    "key", ["name", "organisation", "website", "sender_name", "sender_address", "postal_address"]
)
def test_what_a_publication_needs_is_asked_for(file, key):
    text = "\n".join(line for line in LEAST.splitlines() if not line.startswith(f"{key} "))
    with pytest.raises(Invalid, match=key):
        load_publication(file(text))


def test_a_file_that_is_not_there_is_named(tmp_path, db):
    with pytest.raises(NotFound, match="We could not find the file"):
        load_publication(tmp_path / "none.toml")


def test_a_file_that_is_no_text_is_named(tmp_path, db):
    path = tmp_path / "email.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Invalid, match="UTF-8"):
        load_publication(path)


def test_a_publication_is_edited_by_the_keys_of_its_file(weekly):
    changed = edit_publication(
        weekly,
        {"zone": "Europe/Berlin", "selection.at_most": "9", "selection.topics": "a, b", "name": "Weekly"},
    )
    weekly.refresh_from_db()
    assert weekly.zone == "Europe/Berlin"
    assert weekly.selection == {"at_most": 9, "topics": ["a", "b"]}
    assert "name" not in changed


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"zome": "UTC"}, "zome is not a valid key"),
        ({"selection.at_most": "lots"}, "selection.at_most must be a whole number"),
        ({"sections": "[{]"}, "sections must be valid JSON"),
        ({"list": "nowhere"}, "list: "),
        ({"logo_width": "wide"}, "logo_width"),
        ({"name": "New", "accent_colour": "#12"}, "accent_colour"),
    ],
)
def test_an_edit_that_cannot_be_used_changes_nothing(weekly, changes, said):
    with pytest.raises(Invalid, match=said):
        edit_publication(weekly, changes)
    weekly.refresh_from_db()
    assert weekly.name == "Weekly"


def test_an_address_of_the_press_is_no_publication():
    from django.core.exceptions import ValidationError
    from django.urls import get_resolver

    from newsletter.issues.models import Publication
    from newsletter.issues.validators import TAKEN_SLUGS

    own = set()
    for pattern in get_resolver().url_patterns:
        inner = (
            pattern.url_patterns
            if str(pattern.pattern) == "" and hasattr(pattern, "url_patterns")
            else [pattern]
        )
        own |= {str(each.pattern).partition("/")[0] for each in inner}
    assert {word for word in own if word and not word.startswith("<") and "." not in word} <= TAKEN_SLUGS
    with pytest.raises(ValidationError, match="reserved for a page of this software"):
        Publication(slug="desk").clean()


@pytest.mark.parametrize("key", ["name", "sender_name", "organisation", "tagline", "first_name_fallback"])
def test_a_control_character_in_the_file_is_refused_by_the_name_of_its_key(file, key):
    lines = [line for line in LEAST.splitlines() if not line.startswith(f"{key} ")]
    text = "\n".join([*lines, f'{key} = "Harbour\\r\\nBcc: x@example.org"'])
    with pytest.raises(Invalid, match=f"{key}: enter this on one line|{key}: Enter this on one line"):
        load_publication(file(text))
    assert not Publication.objects.exists()


def test_a_control_character_in_the_name_of_a_list_is_refused(file):
    with pytest.raises(Invalid, match="name: "):
        load_publication(file(LEAST + '[list]\nslug = "readers"\nname = "Read\\u0007ers"\n'))


def test_a_section_may_be_named_with_joiners(file):
    text = LEAST + '[[sections]]\ntitle = "نمی\u200cخواهم"\n'
    assert load_publication(file(text)).sections[0]["title"] == "نمی\u200cخواهم"
