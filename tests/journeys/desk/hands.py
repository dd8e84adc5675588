"""Somebody at a page, by mouse or by the keyboard alone: both do the same acts, so a journey can be made by either."""

import re
from itertools import product

import pytest
from playwright.sync_api import Error, expect

MAX_TABS = 120
MAX_ARROWS = 40
# The id and the name of what has the focus, and what it says, as a screen reader begins to say it.
FOCUSED = """() => {
  const focused = document.activeElement;
  const text = (focused.labels?.length ? focused.labels[0] : focused).textContent.trim().replace(/\\s+/g, " ");
  return [focused.id, focused.name ?? "", text];
}"""
OUTLINE = "getComputedStyle(document.activeElement).outlineStyle"


def ways(always):
    """The parameters way, width and theme: all eight. One always runs, such as "keyboard, 390 px, dark"."""
    found = []
    for hands, width, theme in product((Mouse, Keyboard), (390, 1280), ("light", "dark")):
        name = f"{hands.__name__.lower()}, {width} px, {theme}"
        marks = () if name == always else pytest.mark.full
        found.append(pytest.param(hands, width, theme, id=name, marks=marks))
    assert any(each.id == always for each in found), always
    return pytest.mark.parametrize(("way", "width", "theme"), found)


def look_of(page, axe, width, theme):
    """Return a function that waits for words on a page, and sees that everybody can use it as it is now.

    axe-core cannot look at a page whose browser runs no scripts: `axe` is None for it.
    """

    def look(words, within="main"):
        expect(page.locator(within)).to_contain_text(words)
        page.wait_for_load_state()  # with its styles, without which colours are the browser's own
        if axe is not None:
            axe(page, widths=(width,), themes=(theme,))
            page.emulate_media(color_scheme=theme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url

    return look


class Mouse:
    """Somebody who points and clicks. Fields are named by their id or name, buttons and links by how they begin."""

    def __init__(self, page):
        self.page = page

    def field(self, name):
        return self.page.locator(f"[id='{name}'], [name='{name}']").first

    def write(self, field, text):
        self.field(field).click()
        self.field(field).fill(text)

    def choose(self, field, label):
        self.field(field).select_option(label=label)

    def tick(self, label):
        self.page.get_by_label(label, exact=True).click()

    def press(self, words, *, exact=False):
        end = r"\s*$" if exact else ""
        pattern = re.compile(rf"^\s*{re.escape(words)}{end}")
        self.page.locator("a:visible, button:visible").filter(has_text=pattern).first.click()

    def in_menu(self, title, words):
        self.page.locator(f".entry[data-title='{title}'] [data-menu] summary").click()
        self.page.locator(f".entry[data-title='{title}'] .menu-item", has_text=words).click()

    def move_down(self, title, below):
        page, row = self.page, self.page.locator(f".entry[data-title='{below}']")
        page.locator(f".entry[data-title='{title}'] [data-grip]").hover()
        page.mouse.down()
        for _ in range(50):
            box = row.bounding_box()
            page.mouse.move(box["x"] + 20, box["y"] + box["height"] - 4, steps=4)
            if row.evaluate("entry => entry.nextElementSibling.dataset.title") == title:
                break
        page.mouse.up()

    def choose_file(self, field, file):
        with self.page.expect_file_chooser() as chooser:
            self.field(field).click()
        chooser.value.set_files(file)


class Keyboard:
    """Somebody who has no mouse."""

    def __init__(self, page):
        self.page = page

    def to(self, words, *, exact=False):
        """Press Tab until a field with this id or name, or what begins with these words, has the focus and shows it."""
        for _ in range(MAX_TABS):
            self.page.keyboard.press("Tab")
            if self.is_at(words, exact=exact):
                assert self.page.evaluate(OUTLINE) != "none", words
                return
        pytest.fail(f"Nothing called “{words}” can be reached by the keyboard on {self.page.url}.")

    def is_at(self, words, *, exact=False):
        try:
            number, name, text = self.page.evaluate(FOCUSED)
        except Error:  # the page that an earlier act leads to has come just now
            return False
        return words in {number, name} or (text == words if exact else text.startswith(words))

    def write(self, field, text):
        self.to(field)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)

    def choose(self, field, label):
        self.to(field)
        self.page.keyboard.type(label)

    def tick(self, label):
        """Press Space on a box. Of several radio buttons, Tab reaches one, and the arrows the others."""
        group = self.page.get_by_label(label, exact=True).get_attribute("name")
        self.to(group)
        for _ in range(MAX_ARROWS):
            if self.is_at(label):
                break
            self.page.keyboard.press("ArrowDown")
        assert self.is_at(label), label
        if not self.page.get_by_label(label, exact=True).is_checked():
            self.page.keyboard.press("Space")

    def press(self, words, *, exact=False):
        self.to(words, exact=exact)
        self.page.keyboard.press("Enter")

    def in_menu(self, title, words):
        self.to(f"More: {title}")
        self.page.keyboard.press("Enter")
        for _ in range(10):
            self.page.keyboard.press("ArrowDown")
            if self.is_at(words):
                self.page.keyboard.press("Enter")
                return
        pytest.fail(f"The menu of “{title}” has no “{words}”.")

    def move_down(self, title, below):
        self.to(f"Move {title}")
        self.page.keyboard.press("Alt+ArrowDown")

    def choose_file(self, field, file):
        self.to(field)
        with self.page.expect_file_chooser() as chooser:
            self.page.keyboard.press("Space")
        chooser.value.set_files(file)
