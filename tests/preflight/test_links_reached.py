"""Links are opened in parallel through the guarded connection, within ten seconds, and what came of each is kept."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter.errors import Refused
from newsletter.issues.models import Issue
from newsletter.preflight.all_checks import check_now
from newsletter.preflight.approve_issue import approve_checked
from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.link_results import (
    _how_many_work,
    ask_unknown,
    known_in_words,
    known_results,
    prune_checked_links,
)
from newsletter.preflight.models import CheckedLink
from newsletter.preflight.reach_url import LOOPS, NO_HOST, PRIVATE, SLOW, reach


def linking(issue, *urls):
    """The issue with an introduction that has these links."""
    links = "\n".join(f"[Page {number}]({url})" for number, url in enumerate(urls))
    Issue.objects.filter(pk=issue.pk).update(opening=links)
    return Issue.objects.get(pk=issue.pk)


def test_what_sites_answer_is_told_apart(site):
    site.serve("/fine", b"x" * 5_000)
    site.fail("/gone", 404)
    site.redirect("/old", "/fine", status=301)
    site.redirect("/for-now", "/fine", status=302)
    site.redirect("/loop", "/loop")
    site.hang("/hang")
    assert (reach(site.url("/fine"), 5).status, reach(site.url("/fine"), 5).bytes) == (200, 5_000)
    assert reach(site.url("/gone"), 5).status == 404
    old, for_now = reach(site.url("/old"), 5), reach(site.url("/for-now"), 5)
    assert (old.moved_to, old.moved_for_good) == (site.url("/fine"), True)
    assert (for_now.moved_to, for_now.moved_for_good) == (site.url("/fine"), False)
    assert reach(site.url("/loop"), 5).problem == LOOPS
    assert reach(site.url("/hang"), 0.3).problem == SLOW
    assert reach("https://nowhere.invalid/", 5).problem == NO_HOST


def test_a_private_host_is_never_asked(web):
    web.answers.serve("/", b"secret")
    assert reach(web.url("/"), 5).problem == PRIVATE
    assert not web.answers.asked


def test_a_redirect_to_a_private_host_is_not_followed(site, configured, web):
    site.redirect("/out", "http://localhost:1/")
    assert reach(site.url("/out"), 5).problem == PRIVATE


def test_results_are_kept_and_asked_again_when_they_are_old(issue, site):
    site.serve("/fine", b"")
    site.fail("/gone", 404)
    issue = linking(issue, site.url("/fine"), site.url("/gone"))
    assert ask_unknown(CheckedIssue(issue)) > 1
    asked = site.asked["/fine"], site.asked["/gone"]
    ask_unknown(CheckedIssue(issue))
    assert (site.asked["/fine"], site.asked["/gone"]) == asked
    found = {each.rule: each.what for each in check_now(issue)}
    assert "answered 404" in found["links.dead"]
    CheckedLink.objects.update(checked_at=timezone.now() - timedelta(minutes=11))
    ask_unknown(CheckedIssue(issue))
    assert site.asked["/gone"] == asked[1] + 1, "somebody may have mended it"
    assert site.asked["/fine"] == asked[0]
    assert prune_checked_links(timezone.now()) == 0
    CheckedLink.objects.update(checked_at=timezone.now() - timedelta(days=40))
    assert prune_checked_links(timezone.now()) > 1


def test_it_is_said_how_many_of_the_links_work():
    known = {key: CheckedLink(status=status) for key, status in enumerate((200, 301, 404))}
    assert _how_many_work(known) == "1 of them did not show what readers expect."
    assert _how_many_work({0: known[0], 1: known[1]}) == "All of them work."
    assert _how_many_work({2: known[2]}) == "None of them works."


def test_nothing_is_held_against_links_if_this_machine_has_no_network(issue):
    issue = linking(issue, "https://one.invalid/", "https://two.invalid/")
    assert ask_unknown(CheckedIssue(issue)) == 0
    assert not CheckedLink.objects.exists()
    assert "We have not opened the " in known_in_words(CheckedIssue(issue))


def test_links_are_not_opened_if_the_setting_says_so(issue, site, configured):
    site.serve("/fine", b"")
    configured(check_links=False)
    assert ask_unknown(CheckedIssue(linking(issue, site.url("/fine")))) == 0
    assert not site.asked


def test_an_approval_opens_the_links_and_a_dead_one_blocks_it(issue, join, site):
    join("ana")
    site.fail("/gone", 404)
    with pytest.raises(Refused, match=r"answered 404"):
        approve_checked(linking(issue, site.url("/gone")))


def test_sixty_links_of_which_many_misbehave_take_at_most_ten_seconds(issue, site):
    urls = []
    for number in range(60):
        path = f"/{number}"
        urls.append(site.url(path))
        if number < 20:
            site.hang(path)
        elif number < 30:
            site.redirect(path, path)
        elif number < 35:
            site.drip(path, from_the_start=True)
        elif number < 40:
            site.serve(path, b"x" * 1_000, length=30_000_000)
        else:
            site.serve(path, b"fine")
    issue = linking(issue, *urls)
    began = time.monotonic()
    ask_unknown(CheckedIssue(issue))
    took = time.monotonic() - began
    assert took < 11
    known = known_results(urls)
    states = [(row.status, row.problem) if (row := known.get(url)) else None for url in urls]
    assert states[20:30] == [(0, LOOPS)] * 10
    assert states[35:] == [(200, "")] * 25
    assert {state for state in (*states[:20], *states[30:35]) if state} == {(0, SLOW)}
