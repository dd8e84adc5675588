// Lets a screen reader say what only sighted people would notice. It is added to a live region, #heard in layout.html.

const KEPT = 10_000; // milliseconds

export function say(sentence) {
  const said = document.createElement("p");
  said.textContent = sentence;
  document.getElementById("heard").append(said);
  setTimeout(() => said.remove(), KEPT);
}

// A live region that htmx or a script replaces is not read, or it is read again each time. So what is replaced has no role
// of its own. An element with data-heard, and an id, is read when its text has changed since the page loaded. The
// text is the value of data-heard, if it has one. With data-heard-again, a new element is read even if its text is the same.
const before = new Map();

export function sayChanges() {
  for (const part of document.querySelectorAll("[data-heard]")) {
    const text = (part.dataset.heard || part.textContent).trim().replace(/\s+/g, " ");
    const last = before.get(part.id);
    if (last?.part === part && last.text === text) continue;
    before.set(part.id, { part, text });
    const isNew = last && (last.text !== text || "heardAgain" in part.dataset);
    if (isNew && text && !part.contains(document.activeElement)) say(text);
  }
}
