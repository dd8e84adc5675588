"""Refuses fields of a form that were changed but would not count, because another radio button is selected."""

from django.http import QueryDict

from newsletter.errors import InvalidFields


def refuse_set_aside(form: QueryDict, field: str, *, selected: str, needed: str) -> None:
    """Raise InvalidFields at the radio buttons `field`: changed fields count with `needed`, but not with `selected`.

    Call this if the fields differ from what the page showed. turned_on_choices.js says in `set_aside` that somebody
    selected the button after changing the fields: they meant to set them aside.
    """
    if form.get("set_aside") == "yes":
        return
    sentence = (
        f"You made changes below, but they have no effect while “{selected}” is selected. "
        f"Select “{needed}” to use these changes, or change the fields back."
    )
    raise InvalidFields({field: sentence})
