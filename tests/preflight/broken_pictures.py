"""Emails with a picture whose description is missing or does not help, and unbroken ones that look similar."""

from newsletter.articles.models import Article
from tests.preflight.broken_emails import Broken, article_has, block_has, opening_says
from tests.preflight.broken_links import promotes

NOT_USEFUL = "accessibility.alt-says-nothing"


def picture(alt, name="garden.png"):
    return opening_says(f"The new garden:\n\n![{alt}](https://example.org/{name})")


def promoted(**fields):
    """Give the issue a block with a picture, and change the block’s data."""

    def change(issue):
        promotes("https://example.org/fair")(issue)
        block = issue.publication.blocks.get(kind="promotion")
        block.data = {**block.data, **fields}
        block.save()

    return change


def described(alt, name="garden.png"):
    """Describe the picture of the first article."""
    return article_has(image_alt=alt, image_url=f"https://example.org/{name}")


def headline_is(headline, alt):
    def change(issue):
        first = issue.items.order_by("position").first()
        Article.objects.filter(pk=first.article_id).update(title=headline, image_alt=alt)

    return change


LONG = "A garden with an old bench below an apple tree, and people who talk. " * 4
USELESS = (
    ("garden-plan-final2", "garden-plan-final2.png", "is the name of a file"),
    ("garden plan final2", "garden-plan-final2.png", "is the name of a file"),
    ("Picture of a garden", "garden.png", "begins with “Picture of”"),
    ("Ein Foto von unserem Garten", "garden.png", "begins with “Ein Foto von”"),
    ("Screenshot 2026-11-04 at 10.22.31", "garden.png", "does not say what the picture shows"),
    ("Photo: Ada Jones", "garden.png", "says who made the picture"),
    ("© Ada Jones / Harbour News", "garden.png", "says who made the picture"),
    ("https://example.org/garden.png", "garden.png", "is an address"),
    (LONG.strip(), "garden.png", "characters. Use at most 200"),
    ("This is a picture of a garden", "garden.png", "begins with “This is a picture of”"),
    ("Ada Jones / Getty Images", "garden.png", "says who made the picture"),
    ("Add alt text here", "garden.png", "does not say what the picture shows"),
    ("Foto: dpa", "garden.png", "says who made the picture"),
    ("Untitled design", "garden.png", "does not say what the picture shows"),
    ("Untitled design (3)", "garden.png", "does not say what the picture shows"),
    ("Figure 2", "garden.png", "does not say what the picture shows"),
    ("DSC00412", "garden.png", "does not say what the picture shows"),
)
BROKEN_PICTURES = (
    *(Broken(NOT_USEFUL, said, described(alt, name)) for alt, name, said in USELESS),
    *(Broken(NOT_USEFUL, said, picture(alt, name)) for alt, name, said in USELESS),
    Broken(NOT_USEFUL, "begins with “Image of”", promoted(image_alt="Image of a fair")),
    Broken(
        NOT_USEFUL, "repeats the headline", headline_is("Nurses on the line – Harbour", "Nurses on the line")
    ),
    Broken("pictures.not-described", "“Fair” has no description", promoted(image_alt="")),
    Broken("pictures.not-described", "“Fair” has no description", promoted(image_alt="fair-hall.png")),
    Broken("pictures.not-described", "in the introduction", picture("")),
    Broken("pictures.not-described", "in “", block_has("notice", body="![](https://example.org/map.png)")),
    Broken(
        "accessibility.link-silent", "has no text", opening_says("[![](https://e.org/a.png)](https://e.org/)")
    ),
)
UNBROKEN_PICTURES = (
    described("A woman sleeps in a chair", "a-woman-sleeps-in-a-chair.jpg"),
    described("Getty, our cat, sleeps on a bench"),
    described("Map of the hall", "map-of-the-hall.png"),
    described("Photographs hang on a wall in the hall"),
    described("Photo: a woman with two dogs below an apple tree"),
    described("Screenshot of the form, with the date in the first field"),
    described("Two nurses by the harbour, dark-IMG_2031.jpg on their badge"),
    described("Bilderbuch einer Schule: Kinder malen Fische"),
    picture("A garden with an old bench"),
    promoted(image_alt="Stalls and lanterns below the trees"),
    headline_is("Nurses on the line", "Two nurses with headsets answer calls"),
)
