// Copies a text: that of the button, or that of the field which the button names. Some buttons arrive later than this
// script, so one listener hears them all. The button of what was copied last says so, and so does a screen reader.

import { say } from "./say.js";

let last;

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy], [data-copy-from]");
  if (!button) return;
  const field = button.dataset.copyFrom && document.getElementById(button.dataset.copyFrom);
  if (last) last.firstChild.data = "Copy";
  last = button;
  try {
    await navigator.clipboard.writeText(field ? field.value : button.dataset.copy);
    button.firstChild.data = "Copied";
    say("Copied");
  } catch {
    // Without permission, the text is selected, so that the keyboard copies it.
    if (field) field.select();
    else getSelection().selectAllChildren(button.previousElementSibling);
    button.firstChild.data = "Selected";
    say("Selected. Press Control C to copy.");
  }
});
