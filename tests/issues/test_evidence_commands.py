"""The commands that cite what articles rest on and keep reviews, and rules for topics in the publication file."""

import json

import pytest
import time_machine

from newsletter.articles.models import Reference
from newsletter.errors import Invalid
from newsletter.issues.compose import compose
from newsletter.issues.load_publication import load_publication_file
from newsletter.issues.models import TopicRule
from newsletter.issues.topic_rules import WantedRule, change_topic_rules, wanted_rules
from tests.fakes.source_fixtures import configured, site, web  # noqa: F401 - fixtures

FILE = """
slug = "weekly"
[[topics]]
topic = "Prostate cancer"
needs_reference = true
review_months = 24
not_advice = true
emergency_numbers = "999"
notice = "Ask our nurses."
"""


def test_a_reference_is_cited_with_details_from_the_resolver(cli, write, site, configured):  # noqa: F811
    configured(doi_resolver=site.url("/"))
    site.serve("/10.1234/tides.5", json.dumps({"title": "Tides", "author": [{"family": "Lee"}]}).encode())
    article = write()
    said = cli("articles", "cite", str(article.pk), "doi:10.1234/tides.5", "--kind", "response")
    assert (said.code, said.out.strip()) == (0, "Added: Lee. Tides. doi:10.1234/tides.5")
    assert Reference.objects.get().kind == "response"


def test_a_reference_is_cited_with_details_that_are_typed(cli, write):
    article = str(write().pk)
    typed = ("--title", "Tides", "--author", "Lee, Ann", "--author", "Kim, Bo", "--year", "2020", "--json")
    answer = json.loads(cli("articles", "cite", article, "PMID 123", *typed).out)
    assert answer["citation"] == "Lee A, Kim B. Tides. 2020. PubMed PMID: 123."
    assert answer["link"] == "https://pubmed.ncbi.nlm.nih.gov/123/"
    assert "use --title" in cli("articles", "cite", article, "PMID 124").err
    assert "did not recognise" in cli("articles", "cite", article, "nothing").err
    shown = json.loads(cli("articles", "show", article, "--json").out)
    assert [each["citation"] for each in shown["references"]] == [
        "Lee A, Kim B. Tides. 2020. PubMed PMID: 123."
    ]


@time_machine.travel("2026-11-09 12:00Z", tick=False)
def test_reviews_are_recorded_and_listed(cli, weekly, write):
    article = write("Walking")
    compose(weekly)
    number = str(article.pk)
    assert cli("articles", "review", number, "--on", "2026-11-01", "--due", "2026-12-01").code == 0
    answer = json.loads(cli("articles", "review", number, "--due", "2026-11-08", "--json").out)
    assert (answer["reviewed_on"], answer["due_on"]) == ("2026-11-01", "2026-11-08")
    (due,) = json.loads(cli("articles", "reviews-due", "--json").out)
    assert (due["title"], due["overdue"]) == ("Walking", True)
    assert "overdue" in cli("articles", "reviews-due", "weekly").out
    assert cli("articles", "review", number, "--on", "2027-01-01").code == 2


def test_the_file_of_a_publication_has_rules_for_topics(weekly, tmp_path):
    change_topic_rules(weekly, [WantedRule(topic="Sleep"), WantedRule(topic="PROSTATE cancer")])
    path = tmp_path / "weekly.toml"
    path.write_text(FILE, encoding="utf-8")
    assert "topics" in load_publication_file(path).changes
    assert "topics" not in load_publication_file(path).changes
    assert [rule.topic for rule in wanted_rules(weekly)] == ["Prostate cancer", "Sleep"]
    rule = TopicRule.objects.get(key="prostate cancer")
    assert (rule.needs_reference, rule.review_months, rule.says_not_advice) == (True, 24, True)
    assert (rule.emergency_numbers, rule.notice) == ("999", {"en-GB": "Ask our nurses."})


@pytest.mark.parametrize("wrong", ["review_months = 0", 'review_months = "soon"', "months = 1", 'topic = ""'])
def test_a_wrong_rule_in_the_file_is_named_and_nothing_is_written(weekly, tmp_path, wrong):
    path = tmp_path / "weekly.toml"
    topic = "" if wrong.startswith("topic") else 'topic = "Sleep"\n'
    path.write_text(f'slug = "weekly"\n[[topics]]\n{topic}{wrong}\n', encoding="utf-8")
    with pytest.raises(Invalid, match="topics"):
        load_publication_file(path)
    assert not TopicRule.objects.exists()
