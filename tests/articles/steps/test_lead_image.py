import pytest

from newsletter.articles.incoming_article import Image, IncomingArticle
from newsletter.articles.ingest import pass_steps

AT = "https://club.example/news/one"
REAL = '<img src="/media/regatta.jpg">'


def lead(html="", **fields):
    image = pass_steps(IncomingArticle(url=AT, title="One", html=html, **fields)).image
    return image.url if image else None


@pytest.mark.parametrize(
    "decoration",
    [
        '<img src="https://secure.gravatar.com/avatar/9f?s=400">',
        '<img src="https://avatars1.githubusercontent.com/u/5?v=4">',
        '<img src="https://social.example/accounts/avatars/000/1.jpg">',
        '<img src="/uploads/avatar-ann.png">',
        '<img src="/img/sailing.png" class="author-photo">',
        '<img src="/img/smilies/laugh.gif">',
        '<img src="/img/sailing.png" class="wp-smiley">',
        '<img src="/img/pdf-icon.png">',
        '<img src="/icons/pdf.png">',
        '<img src="/img/rss.png">',
        '<img src="/img/donate-button.png">',
        '<img src="https://img.shields.io/badge/a-b">',
        '<img src="/img/spacer.gif">',
        '<img src="/img/placeholder-800x600.png">',
        '<img src="/img/no-image.jpg" width="800" height="600">',
        '<img src="/img/loading.svg">',
        '<img src="/img/sailing.png" width="30" height="30">',
        '<img src="/img/banner.png" width="468" height="60">',
        '<img src="/img/sailing.png?w=32">',
        '<img src="/img/sailing-48x48.png">',
        '<img src="http://feeds.feedburner.com/~f/club?i=1">',
    ],
)
def test_what_only_decorates_a_page_does_not_lead_an_article(decoration):
    assert lead(f"<p>Words. {decoration}</p>") is None
    assert lead(f"<p>{decoration} Words. {REAL}</p>") == "https://club.example/media/regatta.jpg"


@pytest.mark.parametrize(
    "name",
    [
        "icon-of-the-sea.jpg",
        "loading-dock.jpg",
        "grey-seal.jpg",
        "the-button-factory.jpg",
        "150x150/crew.jpg",
        "DSC_1.jpg",
    ],
)
def test_a_picture_whose_name_only_sounds_like_a_decoration_leads(name):
    assert lead(f'<img src="/media/{name}">') == f"https://club.example/media/{name}"


def test_a_large_picture_leads_whatever_its_name():
    assert (
        lead('<img src="/avatar-film.jpg" width="1200" height="800">')
        == "https://club.example/avatar-film.jpg"
    )


def test_the_widest_image_that_a_source_names_leads():
    images = (Image(url="/a.jpg", width=150), Image(url="/b.jpg", width=900), Image(url="/c.jpg", width=300))
    assert lead(images=images) == "https://club.example/b.jpg"


def test_the_body_is_looked_at_if_the_source_names_decorations_alone():
    assert (
        lead(REAL, image=Image(url="https://secure.gravatar.com/avatar/1"))
        == "https://club.example/media/regatta.jpg"
    )


@pytest.mark.parametrize(
    "html",
    [
        '<img src="/img/lazyload.gif" data-src="/real.jpg">',
        '<img src="/img/grey.png" data-lazy-srcset="/small.jpg 300w, /real.jpg 1200w">',
        '<img src="/img/blank.gif" srcset="/small.jpg 1x, /real.jpg 2x">',
        '<img src="data:image/gif;base64,R0"><noscript><img src="/real.jpg"></noscript>',
        '<noscript><img src="/real.jpg"></noscript>',
    ],
)
def test_the_picture_that_a_script_would_load_stands_in_the_place_of_its_placeholder(html):
    result = pass_steps(IncomingArticle(url=AT, title="One", html=f"<p>Words.</p>{html}"))
    assert result.image.url == "https://club.example/real.jpg"
    assert result.body_html.count("<img") == 1


def test_an_emoji_that_was_written_as_an_image_is_a_sign_again():
    html = '<p>Ahoy <img src="https://s.w.org/images/core/emoji/15/72x72/26f5.png" alt="⛵" class="wp-smiley"> all.</p>'
    assert pass_steps(IncomingArticle(url=AT, title="One", html=html)).body_html == "<p>Ahoy ⛵ all.</p>"


@pytest.mark.parametrize(
    "decoration",
    [
        '<img src="https://www.paypalobjects.com/en_GB/i/btn/btn_donateCC_LG.gif">',
        '<img src="https://cdn.ko-fi.com/cdn/kofi3.png">',
        '<img src="/uploads/club-logo.png">',
        '<img src="/uploads/club.png" class="custom-logo">',
        '<img src="https://s0.wp.com/latex.php?latex=x%5E2" alt="x^2">',
        '<img src="/uploads/formula-1.svg" class="ql-img-inline-formula" alt="x^2">',
    ],
)
def test_a_logo_a_button_and_a_formula_lead_no_article(decoration):
    assert lead(f"<p>{decoration} Words. {REAL}</p>") == "https://club.example/media/regatta.jpg"


def test_a_picture_of_something_that_is_named_after_a_sign_leads_its_article():
    assert (
        lead('<img src="/media/new-logos-unveiled.jpg">')
        == "https://club.example/media/new-logos-unveiled.jpg"
    )


@pytest.mark.parametrize(
    "counter",
    [
        '<img src="https://c.statcounter.com/1/0/a/1/">',
        '<img src="https://vg09.met.vgwort.de/na/1a">',
        '<img src="https://stats.club.example/matomo.php?idsite=1">',
        '<img src="/a.png" style="height: 1em; max-height: 1em">',
        '<img src="/a.png" style="width:24px;height:24px">',
        '<img src="/uploads/qr-code.png">',
    ],
)
def test_a_counter_a_sign_and_a_code_lead_no_article(counter):
    assert lead(f"<p>{counter} Words. {REAL}</p>") == "https://club.example/media/regatta.jpg"


@pytest.mark.parametrize(
    "picture",
    [
        '<amp-img src="/media/regatta.jpg" width="800" height="600"></amp-img>',
        '<picture><source data-srcset="/media/regatta.jpg 1w"><img src="data:image/gif;base64,R0" alt="x"></picture>',
        '<picture><source srcset="/media/regatta.webp" type="image/webp"><img src="/media/regatta.jpg"></picture>',
    ],
)
def test_a_picture_is_found_in_other_elements(picture):
    assert lead(picture) == "https://club.example/media/regatta.jpg"
