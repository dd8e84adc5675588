"""Any file of a stranger becomes a small, plain JPEG or PNG, or a sentence says why it does not."""

import pytest
from PIL import Image, ImageCms

from newsletter.articles.pictures.limited_rewrite_process import TOO_MUCH, OutOfTimeError, rewrite_apart
from newsletter.articles.pictures.picture_versions import ARTICLE, PLACES, UnsuitableError
from newsletter.articles.pictures.rewrite_picture import LARGEST_FILE, rewrite
from tests.articles.pictures.drawing import huge_png, logo, opened, photo, saved

ORIENTATION, MAKER, GPS = 0x0112, 0x010F, 0x8825


def versions(data, places=ARTICLE):
    return {version.place: version for version in rewrite(data, places).versions}


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (saved(photo(1600, 900)), (1200, 675)),
        (saved(photo(mode="CMYK")), (800, 450)),
        (saved(photo(mode="L")), (800, 450)),
        (saved(photo(), "PNG"), (800, 450)),
        (
            saved(photo(mode="L").convert("I").point(lambda value: value * 256).convert("I;16"), "PNG"),
            (800, 450),
        ),
        (saved(photo(), "WEBP"), (800, 450)),
        (saved(photo(), "AVIF"), (800, 450)),
        (saved(photo(), "BMP"), (800, 450)),
        (saved(photo(), "GIF", save_all=True, append_images=[Image.new("RGB", (800, 450))]), (800, 450)),
    ],
    ids=["large", "CMYK", "grey", "PNG", "16-bit", "WebP", "AVIF", "BMP", "animated"],
)
def test_a_picture_of_any_kind_becomes_a_small_jpeg_or_png(data, size):
    for place, version in versions(data).items():
        picture = opened(version)
        picture.load()
        assert picture.format in {"JPEG", "PNG"}
        assert picture.mode in {"RGB", "P"}
        assert (version.width, version.height) == picture.size
        assert version.width <= PLACES[place].width
        assert len(version.content) <= LARGEST_FILE
        assert getattr(picture, "n_frames", 1) == 1
        # The upper left quarter is still the red one, or the dark one of a grey picture.
        red, _green, blue = picture.convert("RGB").getpixel((10, 10))
        assert red > blue + 100 or abs(red - blue) <= 3
    lead = versions(data)["lead"]
    assert (lead.width, lead.height) == size


def test_a_picture_is_turned_as_its_camera_was_and_keeps_no_metadata():
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKER] = 6, "Camera of Jo Bloggs"
    exif.get_ifd(GPS)[1] = "N"
    data = saved(photo(900, 1600), exif=exif, comment=b"Secret place", dpi=(300, 300))
    assert b"Jo Bloggs" in data
    made = rewrite(data, ARTICLE)
    assert (made.width, made.height) == (1600, 900)
    for version in made.versions:
        picture = opened(version)
        assert not dict(picture.getexif())
        assert not picture.info.keys() & {"exif", "icc_profile", "comment", "xmp"}
        assert b"Secret place" not in version.content
        assert b"Jo Bloggs" not in version.content
        # Turned by 90° to the right, the red quarter is the upper right one.
        assert picture.convert("RGB").getpixel((version.width - 10, 10))[0] > 180


def test_colours_of_another_profile_become_those_of_srgb():
    green = Image.new("RGB", (400, 300), (90, 200, 90))
    green.paste(photo(400, 100), (0, 200))
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    plain = opened(versions(saved(green, icc_profile=lab.tobytes()))["lead"]).getpixel((200, 50))
    assert all(abs(is_now - was) < 6 for is_now, was in zip(plain, (90, 200, 90), strict=True))
    damaged = opened(versions(saved(green, icc_profile=b"no profile"))["lead"]).getpixel((200, 50))
    assert all(abs(is_now - was) < 6 for is_now, was in zip(damaged, (90, 200, 90), strict=True))


def test_a_portrait_is_cropped_towards_its_top():
    portrait = photo(900, 1600)
    made = versions(saved(portrait))
    assert (made["lead"].width, made["lead"].height) == (900, 675)
    assert (made["thumbnail"].width, made["thumbnail"].height) == (400, 400)
    # The red quarter goes down to 800 of 1,600 pixels, and the crop takes 185 to 860.
    lead = opened(made["lead"])
    assert lead.getpixel((10, 600))[0] > 180
    assert lead.getpixel((10, 600))[2] < 80


def test_a_graphic_is_not_cropped_but_gets_margins():
    made = versions(saved(logo(), "PNG"))
    lead = opened(made["lead"]).convert("RGB")
    assert made["lead"].ending == "png"
    assert lead.size == (1200, 900)
    assert lead.getpixel((0, 0)) == (255, 255, 255)
    column = [lead.getpixel((600, y)) for y in range(900)]
    reds = [y for y, (red, green, _blue) in enumerate(column) if red > 150 and green < 100]
    assert reds[0] > 10
    assert reds[-1] < 889
    assert reds[-1] - reds[0] > 750


def test_a_transparent_logo_stands_on_white_and_is_whole():
    (made,) = rewrite(saved(logo(600, 200), "PNG"), {"logo"}).versions
    picture = opened(made).convert("RGB")
    assert picture.width <= 480
    assert 2.4 < picture.width / picture.height < 3
    assert picture.getpixel((0, 0)) == (255, 255, 255)
    assert picture.getpixel((picture.width // 2, picture.height // 2))[0] > 180


def test_the_cover_of_a_booklet_is_shown_whole():
    (made,) = rewrite(saved(photo(700, 1000)), {"promotion"}).versions
    assert abs(made.width / made.height - 0.7) < 0.01


def test_a_detailed_photo_stays_below_the_limit():
    noise = Image.merge("RGB", [Image.effect_noise((1500, 1000), 120) for _ in range(3)])
    for version in versions(saved(noise, quality=95)).values():
        assert len(version.content) <= LARGEST_FILE
        assert version.width >= 300


def test_the_same_picture_is_written_as_the_same_bytes():
    data = saved(photo())
    assert rewrite(data, ARTICLE) == rewrite(data, ARTICLE)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (saved(Image.new("RGB", (1, 1)), "GIF"), "1 × 1 pixels"),
        (saved(photo(64, 64), "PNG"), "icon or a tracking pixel"),
        (saved(photo(150, 150), "PNG"), "avatar or an icon"),
        (saved(photo(728, 90)), "icon or a tracking pixel"),
        (saved(photo(1200, 120)), "banner or a dividing line"),
        (saved(Image.new("RGB", (600, 400), (1, 2, 3))), "only one colour"),
        (saved(Image.new("RGBA", (600, 400), (0, 0, 0, 0)), "PNG"), "only one colour"),
        (saved(photo())[:9_000], "damaged or incomplete"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"<!DOCTYPE html><title>No such picture</title>", "not a picture that we can read"),
        (b"", "not a picture that we can read"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "not a picture that we can read"),
        (huge_png(60_000, 60_000), "40 million pixels"),
        (huge_png(3_000, 3_000), "damaged or incomplete"),
        (saved(photo(), "TIFF"), "not a picture that we can read"),
    ],
)
def test_what_cannot_illustrate_an_article_is_named(data, reason):
    with pytest.raises(UnsuitableError, match=reason):
        rewrite_apart(data, ARTICLE)


def test_a_process_of_its_own_writes_the_same():
    data = saved(photo())
    assert rewrite_apart(data, ARTICLE) == rewrite(data, ARTICLE)


def test_a_decoder_that_takes_too_much_memory_ends_alone():
    with pytest.raises(UnsuitableError, match=TOO_MUCH):
        rewrite_apart(saved(photo(1500, 1000), "PNG"), ARTICLE, memory=30_000_000)


def test_without_time_nothing_is_begun():
    with pytest.raises(OutOfTimeError):
        rewrite_apart(saved(photo()), ARTICLE, seconds=0.0)
