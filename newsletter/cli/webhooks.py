"""`newsletter hooks add|list|remove|test`: programs elsewhere that are told what happens."""

from typing import Annotated, Any

import typer

from newsletter.cli.output import JsonOption, print_json, print_rows, print_text
from newsletter.errors import Unreachable
from newsletter.http.web_addresses import shown
from newsletter.issues.lookup import publication_named
from newsletter.notifications import webhooks
from newsletter.notifications.models import Hook

app = typer.Typer(no_args_is_help=True, help="Programs elsewhere that are told what happens.")

HookArgument = Annotated[int, typer.Argument(help="Number of the hook.")]


@app.command()
def add(
    address: Annotated[str, typer.Argument(help="Where events are posted, beginning with https://.")],
    publication: Annotated[str, typer.Option(help="Only what happens to this publication.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Have what happens posted to an address. The secret that signs it is printed now and never again.

    Example: `newsletter hooks add https://hooks.example.org/news`
    """
    hook = webhooks.add_hook(address, publication=publication_named(publication) if publication else None)
    if as_json:
        print_json({**document_of(hook), "secret": hook.secret})
        return
    print_text(
        f"Added hook {hook.pk}. What it gets is signed with this secret, which is not shown again:\n{hook.secret}\n"
        f"Try it with `newsletter hooks test {hook.pk}`."
    )


@app.command("list")
def list_hooks(as_json: JsonOption = False) -> None:
    """Print every hook, and how its last post went.

    Example: `newsletter hooks list`
    """
    found = webhooks.all_hooks()
    if as_json:
        print_json([document_of(hook) for hook in found])
        return
    print_rows(
        ("Hook", "Address", "Publication", "State"),
        ((hook.pk, shown(hook.url), hook.publication or "all", _state(hook)) for hook in found),
        empty="There are no hooks: `newsletter hooks add ADDRESS` makes one.",
    )


@app.command()
def remove(number: HookArgument, as_json: JsonOption = False) -> None:
    """Post nothing more to a hook, nor what waits for it.

    Example: `newsletter hooks remove 1`
    """
    webhooks.remove_hook(number)
    if as_json:
        print_json({"removed": number})
    else:
        print_text(f"Removed hook {number}.")


@app.command("test")
def try_it(number: HookArgument, as_json: JsonOption = False) -> None:
    """Post a test event to a hook now, and say what came back. One that was switched off and takes it is on again.

    Example: `newsletter hooks test 1`
    """
    answer = webhooks.try_hook(number)
    if as_json:
        print_json({"taken": answer.taken, "status": answer.status, "said": answer.sentence})
    elif answer.taken:
        print_text(answer.sentence)
    if not answer.taken:
        raise Unreachable(f"The hook did not take it: {answer.sentence}")


def document_of(hook: Hook) -> dict[str, Any]:
    """A hook as programs see it, without its secret."""
    return {
        "number": hook.pk,
        "url": shown(hook.url),
        "publication": hook.publication.slug if hook.publication else None,
        "active": hook.active,
        "created_at": hook.created_at,
        "taken_at": hook.taken_at,
        "error": hook.error,
    }


def _state(hook: Hook) -> str:
    if not hook.active:
        return "switched off: the receiver answered that it is gone (410)"
    if hook.error:
        return f"failing: {hook.error}"
    return f"took an event {hook.taken_at:%d %b %Y %H:%M} UTC" if hook.taken_at else "nothing posted yet"
