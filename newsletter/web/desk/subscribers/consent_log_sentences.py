"""Says an entry of the consent log as a sentence."""

from collections.abc import Mapping

from subscribers import address_changes, correct_address
from subscribers.imports.import_options import statement_and_decisions
from subscribers.models import ConsentEntry, SourceKind

Act = ConsentEntry.Act

# What happened, with the list in its place.
SENTENCES: Mapping[str, str] = {
    Act.SIGNED_UP: "Signed up for {list}",
    Act.CONFIRMED: "Confirmed the subscription to {list}",
    Act.ADDED: "Added to {list}",
    Act.INVITED: "Asked to confirm the subscription to {list}",
    Act.IMPORTED: "Imported into {list}",
    Act.BASIS: "The lawful basis for {list} was recorded",
    Act.CHANGED: "The details or topics were changed",
    Act.PAUSED: "Emails from {list} were paused",
    Act.RESUMED: "The pause for {list} ended",
    Act.LEFT: "Unsubscribed from {list}",
    Act.GAVE_REASON: "Gave a reason for unsubscribing from {list}",
    Act.CAME_BACK: "Subscribed to {list} again",
    Act.SUPPRESSED: "The address was suppressed",
    Act.LIFTED: "The suppression was removed",
    Act.DROPPED: "The unconfirmed subscription to {list} was removed",
    Act.IMPORT_UNDONE: "The import into {list} was undone",
    Act.ERASED: "Erased",
}
# What happened where the note of an entry says more than its act.
SENTENCES_OF_NOTES: Mapping[str, str] = {
    address_changes.ASKED: "A change of address was requested",
    address_changes.CANCELLED: "The change of address was cancelled",
    correct_address.CORRECTED: "A typing mistake in the address was corrected",
    address_changes.CONFIRMED: "The new address was confirmed",
}
BY: Mapping[str, str] = {
    SourceKind.FORM: "with a form on the website",
    SourceKind.IMPORT: "from the file",
    SourceKind.API: "through the API",
    SourceKind.EDITOR: "by",
    SourceKind.EMAIL_LINK: "with a link in an email",
    SourceKind.PROVIDER: "by the email provider",
    SourceKind.SCHEDULER: "automatically",
}
NAMED = {SourceKind.IMPORT, SourceKind.API, SourceKind.EDITOR}


def sentence_of(entry: ConsentEntry) -> tuple[str, str]:
    """Return what happened as a sentence, and beside it the statement, the reason and the network, if any."""
    of_note = SENTENCES_OF_NOTES.get(entry.note, "") if entry.act == Act.CHANGED else ""
    what = of_note or SENTENCES[entry.act].format(list=entry.list.name if entry.list else "a list")
    by = BY[entry.source]
    if entry.source in NAMED:
        by = f"{by} {entry.source_name}" if entry.source_name else ""
    statement, decisions = entry.wording.text if entry.wording else "", ""
    if entry.act == Act.IMPORTED:
        statement, decisions = statement_and_decisions(statement)
    details = [
        f"Lawful basis: {entry.get_basis_display().lower()}." if entry.basis else "",
        f"“{statement}”" if statement else "",
        decisions,
        "" if of_note else entry.note,
        f"Topics: {', '.join(entry.topics)}." if entry.topics else "",
        f"Network address: {entry.network_address}." if entry.network_address else "",
    ]
    return f"{what} {by}".rstrip() + ".", " ".join(filter(None, details))
