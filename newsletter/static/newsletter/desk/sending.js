// Copies the name or value of a DNS record. The buttons arrive later than this script, so one listener hears them all.
// The button of what was copied last says so.

let last;

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  if (last) last.firstChild.data = "Copy";
  last = button;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.firstChild.data = "Copied";
  } catch {
    // Without permission, the text is selected, so that the keyboard copies it.
    getSelection().selectAllChildren(button.previousElementSibling);
    button.firstChild.data = "Selected";
  }
});
