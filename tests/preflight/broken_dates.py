"""Emails that announce a past day or have a wrong weekday, and unbroken ones that look similar. It is 23 November."""

from tests.preflight.broken_emails import Broken, block_has, both, issue_has, item_has, opening_says

OPEN_DAY = "Open day on Saturday 14 November"
BROKEN_DATES = (
    Broken("content.past-date", "Saturday 14 November", opening_says("Join us on Saturday 14 November.")),
    Broken("content.past-date", "3rd of October", opening_says("Write to us by 3rd of October.")),
    Broken("content.past-date", "November 2, 2026", item_has(blurb="Registration closes November 2, 2026.")),
    Broken("content.past-date", "14. November", opening_says("Kommen Sie am Samstag, 14. November.")),
    Broken(
        "content.past-date",
        "20 November 2026",
        block_has("notice", body="The shop is open until 20 November 2026."),
    ),
    Broken("content.past-date", "14.11.2026", opening_says("Please join us on 14.11.2026.")),
    Broken("content.past-date", "2026-11-14", opening_says("Please join us on 2026-11-14.")),
    Broken("content.past-date", "14th of November", opening_says("Please join us on the 14th of November.")),
    Broken("content.past-date", "14 and 15 November", opening_says("Please join us on 14 and 15 November.")),
    Broken("content.past-date", "14 November", issue_has(subject="Open day on 14 November")),
    Broken(
        "content.past-date", "14 November", both(issue_has(subject=OPEN_DAY), item_has(headline=OPEN_DAY))
    ),
    Broken("content.past-date", "14 November", block_has("notice", title="Open day: 14 November, 10 am")),
    Broken(
        "content.past-date", "14.11.2026", block_has("promotion", data={"date": "14.11.2026, 10 am"}), also=()
    ),
    Broken(
        "content.past-date",
        "Friday 20 November",
        opening_says("Book by midnight tonight, Friday 20 November."),
    ),
    Broken("content.past-date", "14 Tachwedd", opening_says("Ymunwch â ni ddydd Sadwrn 14 Tachwedd.")),
    Broken(
        "content.past-date",
        "14 نوفمبر",
        opening_says("انضموا إلينا يوم السبت 14 نوفمبر."),
        also=("accessibility.language-of-parts",),
    ),
    Broken("content.impossible-date", "31 November 2026", opening_says("The fair is on 31 November 2026.")),
    Broken("content.impossible-date", "31. September", opening_says("Das Fest ist am 31. September.")),
    Broken(
        "content.wrong-weekday",
        "12 December 2026 is a Saturday",
        opening_says("The carol concert is on Friday 12 December 2026."),
    ),
    Broken(
        "content.wrong-weekday", "is a Saturday", opening_says("Please join us on Tuesday 14 November 2026.")
    ),
)
UNBROKEN_DATES = (
    opening_says("On Saturday 14 November we met in the hall, and 40 people came."),
    opening_says("Thank you to everyone who joined us on 14 November."),
    opening_says("The exhibition runs from 14 November to 20 December."),
    opening_says("World Diabetes Day is on 14 November every year."),
    opening_says("Am Samstag, 14. November, trafen wir uns im Rathaus."),
    opening_says("Merci à toutes les personnes qui sont venues le 14 novembre."),
    opening_says("Join us on Saturday 12 December, or on Sat–Sun 19–20 December."),
    opening_says("He was born on 29 February, and 45 March past. The trust has 31 Maypoles."),
    opening_says("The trust was founded on 14 November 1990."),
)
