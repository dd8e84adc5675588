"""What a reader cannot see in an email."""

import pytest
from lxml import html

from newsletter.preflight.hidden_elements import is_hidden


@pytest.mark.parametrize(
    ("text", "hides"),
    [
        ("<div style='font-size:0'><p id=x style='font-size:17px'>Open</p></div>", False),
        (
            "<div style='font-size:0'><div><p id=x style='font:17px/26px Georgia,serif'>Open</p></div></div>",
            False,
        ),
        ("<div style='font-size:0'><img id=x src='a.png'></div>", False),
        ("<div style='font-size:0'><p id=x>Open</p></div>", True),
        ("<div style='font-size:16px'><p id=x style='font-size:0'>Open</p></div>", True),
        ("<div style='font-size:16px'><p id=x style='font:0/0 Georgia'>Open</p></div>", True),
        ("<div style='font:bold 20px/1 Georgia'><p id=x>Open</p></div>", False),
        ("<div style='display:none'><p id=x style='font-size:17px'>Open</p></div>", True),
        ("<div style='max-height:0'><p id=x>Open</p></div>", True),
        ("<div style='opacity:0'><img id=x src='a.png'></div>", True),
    ],
)
def test_an_element_is_hidden_by_its_styles_or_those_around_it(text, hides):
    assert is_hidden(html.fragment_fromstring(text).get_element_by_id("x")) is hides
