"""Emails that show Markdown as it was written, and unbroken ones that look similar."""

from tests.preflight.broken_emails import Broken, block_has, issue_has, item_has, opening_says

ADDRESS = "https://example.org/plan"
LINKS = (
    ("[Write to us](mailto:)", "it does not lead to a web page"),
    ("[Our plan](plan)", "it does not lead to a web page"),
    ("[Our plan](020 7946 0000)", "it does not lead to a web page"),
    ("![Our plan](plan.png)", "instead of a picture, because it does not lead to a web page"),
    ("[Our plan](mailto:?subject=Plan)", "it does not lead to a web page"),
    ("[Our plan](#)", "it does not lead to a web page"),
    ("[Our plan](https://)", "it does not lead to a web page"),
    ("[Our plan](www.example.org/plan)", "it does not lead to a web page"),
    ("[Our plan](/plan)", "it does not lead to a web page"),
    ("[Our plan](file:///C:/Users/ada/plan.pdf)", "it does not lead to a web page"),
    ("[Our plan](https://example..org/plan)", "its address is not valid"),
    ("[Our plan](https://example.org/my plan.pdf)", "the address contains a space"),
    (f"[Our plan] ({ADDRESS})", "a space between its brackets"),
    (f"(Our plan)[{ADDRESS}]", "the wrong way round"),
    (f"[Our plan({ADDRESS})", "not in pairs"),
    (f"[Our plan]{ADDRESS})", "not in pairs"),
    (f"Our plan]({ADDRESS})", "not in pairs"),
    (f"[Our plan]({ADDRESS}", "not in pairs"),
    ("[Our plan][plan]", "does not define its address"),
)
FORMATTING = (
    "The garden is **open to all.",
    "The garden is ** open ** to all.",
    "The garden is **open **to all.",
    "The garden is ~~closed~~ open.",
    "##Dates\n\nIn May.",
    "|Day|Open|\n|-|-|\n|Monday|10|",
    "| Day | Open |\n|---|---|\n| Monday | 10 to 4 |",
)
BROKEN_MARKDOWN = (
    *(Broken("markdown.link", said, opening_says(f"{text} is new.")) for text, said in LINKS),
    *(Broken("markdown.link", said, block_has("notice", body=f"{text} is new.")) for text, said in LINKS),
    *(Broken("markdown.formatting", "instead of formatted text", opening_says(text)) for text in FORMATTING),
    *(
        Broken("markdown.formatting", "instead of formatted text", block_has("notice", body=text))
        for text in FORMATTING
    ),
    Broken("words.placeholder", "insert link here", opening_says("See [insert link here](#) for the plan.")),
    Broken(
        "links.unfilled", "slug", opening_says("See [our plan](https://example.org/[slug]) for the year.")
    ),
    Broken("markdown.link", "do not work in this text", item_has(blurb=f"Read [the plan]({ADDRESS}) first.")),
    Broken("markdown.link", "wrong way round", item_has(blurb=f"Read (the plan)[{ADDRESS}] first.")),
    Broken("markdown.formatting", "**free**", item_has(blurb="The fair is **free** for all.")),
    Broken("markdown.formatting", "_free_", item_has(blurb="The fair is _free_ for all.")),
    Broken("markdown.formatting", "*free*", item_has(headline="The fair is *free* for all")),
    Broken("markdown.formatting", "**Sleep**", issue_has(subject="**Sleep**: what the studies say")),
)
UNBROKEN_MARKDOWN = tuple(
    opening_says(text)
    for text in (
        f"[Our plan]({ADDRESS}) is **open** to *all*.",
        "Nobody [sic] came (see page 4), and the plan [1] (2026) is old.",
        "The plan [our emphasis] (https) and [2][3] are notes.",
        "Write `[text](#)` for a link, and `**bold**` for bold.",
        "    | Day | Open |\n    |---|---|\n    **as it is**",
        "Liebe Leser\\*innen und Kolleg\\*innen, das Fest ist für Schüler\\*innen.",
        "A ticket costs £5\\*.\n\n\\* Children pay half.",
        "A ticket costs £5 in all\\*\\*.\n\n\\*\\*Children pay half.",
        "2 \\* 3 \\* 4 and 2\\*\\*3 are sums, and a hall is rated \\*\\*\\*.",
        "The file is my\\_plan\\_of\\_2026.pdf.",
        "Name: \\_\\_\\_\\_\\_\\_ (in full). Reason #1 is the view.",
        "[see our plan (https://example.org/plan)] is a remark.",
        "A list:\n\n- [the plan](https://example.org/plan)\n- **the fair**",
    )
)
