"""`newsletter segments …`: segments with a name, from which audiences are chosen."""

from typing import Annotated, Any

import typer

from newsletter.accounts.actor import Role, require_role
from newsletter.cli.output import JsonOption, print_fields, print_json, print_rows, print_text
from newsletter.issues.models import SavedSegment
from subscribers.lists import find_list
from subscribers.phrases import counted

app = typer.Typer(help="Create segments for audiences, and count the people in them.", no_args_is_help=True)

LOOKING = "Viewing segments"
Number = Annotated[int, typer.Argument(metavar="SEGMENT", help="Number of the segment, such as 3.")]
Conditions = Annotated[
    str, typer.Argument(help='Conditions, such as "topic is research and joined in last 90 days".')
]


@app.command("list")
def list_(
    list_slug: Annotated[
        str, typer.Option("--list", help="Show only segments of the list with this short name (slug).")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Show all segments with their numbers.

    Example: `newsletter segments list --list news`
    """
    require_role(Role.EDITOR, LOOKING)
    found = SavedSegment.objects.select_related("mailing_list").order_by("mailing_list__slug", "name")
    if list_slug:
        found = found.filter(mailing_list=find_list(list_slug))
    if as_json:
        print_json([_facts(each) for each in found])
        return
    print_rows(
        ("number", "list", "name", "conditions"),
        [(each.pk, each.mailing_list.slug, each.name, each.text) for each in found],
        empty="You have no segments yet. To create one, run `newsletter segments add`.",
    )


@app.command()
def show(number: Number, as_json: JsonOption = False) -> None:
    """Show a segment, the number of people in it, and where it is used.

    Example: `newsletter segments show 3`
    """
    from newsletter.issues.people_in_segment import segment_size
    from newsletter.issues.saved_segments import find_segment, uses_of

    require_role(Role.EDITOR, LOOKING)
    found = find_segment(number)
    facts = {
        **_facts(found),
        "people": segment_size(found.text, found.mailing_list),
        "used_for": [each.name for each in uses_of(found)],
    }
    if as_json:
        print_json(facts)
    else:
        print_fields({**facts, "used_for": ", ".join(facts["used_for"]) or "nothing"})


@app.command()
def count(number: Number, as_json: JsonOption = False) -> None:
    """Count the active people in a segment. To try out conditions, use `newsletter subscribers count`.

    Example: `newsletter segments count 3`
    """
    from newsletter.issues.people_in_segment import segment_size
    from newsletter.issues.saved_segments import find_segment

    require_role(Role.EDITOR, LOOKING)
    found = find_segment(number)
    people = segment_size(found.text, found.mailing_list)
    if as_json:
        print_json({"segment": found.pk, "people": people})
    else:
        print_text(counted(people, "person", "people"))


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Name of the segment.")],
    conditions: Conditions,
    *,
    list_slug: Annotated[str, typer.Option("--list", help="Short name (slug) of the list.")],
    as_json: JsonOption = False,
) -> None:
    """Create a segment for a list.

    Example: `newsletter segments add "New this year" "joined since 2026-01-01" --list news`
    """
    from newsletter.issues.saved_segments import add_segment

    require_role(Role.EDITOR, "Changing segments")
    made = add_segment(find_list(list_slug), name, conditions)
    _print(made, f"Segment {made.pk} “{made.name}” has been created.", as_json=as_json)


@app.command()
def change(
    number: Number,
    *,
    name: Annotated[str | None, typer.Option(help="The segment’s new name.")] = None,
    conditions: Annotated[str | None, typer.Option(help="The segment’s new conditions.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Change a segment. Approved issues that use it need approval again.

    Example: `newsletter segments change 3 --conditions "joined since 2026-06-01"`
    """
    from newsletter.issues.saved_segments import change_segment, find_segment

    require_role(Role.EDITOR, "Changing segments")
    found = find_segment(number)
    changed = change_segment(
        found,
        found.name if name is None else name,
        found.text if conditions is None else conditions,
    )
    found = find_segment(number)
    sentence = f"Segment {number} “{found.name}” was {'' if changed else 'not '}changed."
    _print(found, sentence, as_json=as_json)


@app.command()
def remove(number: Number, as_json: JsonOption = False) -> None:
    """Remove a segment that no audience uses. The people in it stay on the list.

    Example: `newsletter segments remove 3`
    """
    from newsletter.issues.saved_segments import find_segment, remove_segment

    require_role(Role.EDITOR, "Changing segments")
    found = find_segment(number)
    remove_segment(found)
    if as_json:
        print_json({"removed": number})
    else:
        print_text(f"Removed the segment “{found.name}”.")


def _print(segment: SavedSegment, sentence: str, *, as_json: bool) -> None:
    if as_json:
        print_json(_facts(segment))
    else:
        print_text(sentence)


def _facts(segment: SavedSegment) -> dict[str, Any]:
    return {
        "number": segment.pk,
        "list": segment.mailing_list.slug,
        "name": segment.name,
        "conditions": segment.text,
    }
