from newsletter.issues.compose import compose
from newsletter.issues.edit_issue_articles import make_lead, set_headline
from newsletter.issues.edit_issue_texts import set_subject


def test_the_subject_is_the_leads_headline_and_the_preheader_the_next_ones(weekly, write, noon):
    for hours, title in enumerate(["A drug that works", "What it costs", "Who gets it"], start=1):
        write(title, hours=hours)
    issue = compose(weekly, now=noon)
    assert (issue.subject, issue.preheader) == ("A drug that works", "What it costs · Who gets it")


def test_a_pattern_frames_the_lead_and_the_lead_gives_way(make_publication, write, noon):
    paper = make_publication(subject_pattern="{name} {number}: {lead}")
    write("word " * 40)
    issue = compose(paper, now=noon)
    assert issue.subject.startswith("Weekly 1: word word")
    assert issue.subject.endswith("word…")
    assert len(issue.subject) <= 70


def test_one_article_alone_is_described_by_its_standfirst(weekly, write, noon):
    write("Alone", standfirst="What it says.\nAnd more.")
    assert compose(weekly, now=noon).preheader == "What it says. And more."


def test_a_suggested_subject_follows_the_lead(weekly, write, noon):
    write("First", hours=1)
    other = write("Second", hours=2)
    issue = compose(weekly, now=noon)
    make_lead(issue, other.pk)
    assert issue.subject == "Second"
    set_headline(issue, other.pk, "Second thoughts")
    assert issue.subject == "Second thoughts"


def test_a_subject_that_an_editor_wrote_stays(weekly, write, noon):
    write("First", hours=1)
    other = write("Second", hours=2)
    issue = compose(weekly, now=noon)
    set_subject(issue, "Mine")
    make_lead(issue, other.pk)
    assert issue.subject == "Mine"
    set_subject(issue, "")
    assert issue.subject == "Second"
