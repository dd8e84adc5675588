// A file that was chosen but not uploaded: the page says so beside it, and nobody leaves before it is uploaded or removed.
//
// Texts save themselves, files do not, so somebody who leaves the page believes that the file was saved as well.

const FILE = "input[type=file]";
const DESCRIPTION = "[name=alt], [name=picture_alt], [name=picture_description]";
const isChosen = (input) => input.files.length > 0 && !input.disabled;
const chosen = () => [...document.querySelectorAll(FILE)].filter(isChosen);
const sending = new WeakSet(); // forms whose files are on their way

function noteOf(input) {
  const found = input.parentElement.querySelector("[data-chosen-file]");
  if (found) return found;
  const note = document.createElement("p");
  note.className = "chosen-file small";
  note.dataset.chosenFile = "";
  note.tabIndex = -1;
  note.setAttribute("role", "status");
  input.after(note);
  return note;
}

// The button that uploads the file: the one for this field, or the last one of its form that people see.
function buttonOf(input) {
  const near = input.closest("details, .upload")?.querySelector("button[data-add-picture]");
  return near ?? [...input.form.querySelectorAll(".actions button[type=submit], button.button[type=submit]:not(.link)")].pop();
}

function say(input, sentence, { alarm = false } = {}) {
  const note = noteOf(input);
  note.textContent = `${sentence} `;
  note.classList.toggle("alarm", alarm);
  const remove = Object.assign(document.createElement("button"), { type: "button", className: "button link", textContent: "Remove the file" });
  remove.addEventListener("click", () => {
    input.value = "";
    input.dispatchEvent(new Event("change", { bubbles: true }));
    input.focus();
  });
  note.append(remove);
}

function sentenceAbout(input, description = input.form.querySelector(DESCRIPTION)) {
  const label = buttonOf(input)?.firstChild.textContent.trim() || "Save";
  const act = description && !description.value.trim() ? "Describe the picture, then select" : "Select";
  return `“${input.files[0].name}” has not been uploaded yet. ${act} “${label}”.`;
}

function follow(input) {
  if (isChosen(input)) return say(input, sentenceAbout(input));
  input.parentElement.querySelector("[data-chosen-file]")?.remove();
}

// Keep the page open, and show why beside the file.
function hold(input, event) {
  event.preventDefault();
  event.stopImmediatePropagation();
  input.closest("details")?.setAttribute("open", "");
  say(input, sentenceAbout(input), { alarm: true });
  noteOf(input).focus({ preventScroll: true });
  noteOf(input).scrollIntoView({ block: "center" });
}

const waiting = (form) => chosen().find((input) => input.form !== form && !sending.has(input.form));

document.addEventListener("change", (event) => event.target.matches?.(FILE) && follow(event.target));
document.addEventListener("input", (event) => {
  const input = event.target.matches?.(DESCRIPTION) && event.target.form?.querySelector(FILE);
  if (input && isChosen(input)) follow(input);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  const input = link && waiting(null);
  if (!input || link.target || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const to = new URL(link.href, location.href);
  const stays = to.hash && to.pathname === location.pathname && to.search === location.search;
  if (!stays || link.hasAttribute("hx-get")) hold(input, event);
}, true);

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "dialog" || form.method === "get") return;
  const other = waiting(form);
  if (other) return hold(other, event);
  const own = [...form.querySelectorAll(FILE)].find(isChosen);
  const description = own && form.querySelector(DESCRIPTION);
  if (!own) return;
  // A refused form comes back without its file, so what is missing is said before.
  if (description && !description.value.trim()) return hold(own, event);
  if (own.name === "picture" && form.matches("[data-autosave-form]") && event.submitter?.name !== "add_picture") return hold(own, event);
  sending.add(form);
  say(own, "Uploading…");
}, true);

// htmx replaces the list of the contents after each act on it, and the file with it.
document.body.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, target } = event.detail;
  const input = chosen().find((each) => target?.contains(each) && each.form !== elt && !sending.has(each.form));
  if (input) hold(input, event);
});
document.body.addEventListener("htmx:xhr:progress", (event) => {
  const { lengthComputable, loaded, total } = event.detail;
  const input = lengthComputable && loaded < total && event.target.querySelector?.(FILE);
  if (input && isChosen(input)) say(input, `Uploading… ${Math.floor((100 * loaded) / total)} %`);
});
document.body.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt;
  if (!sending.delete(form) || event.detail.successful) return;
  const input = form.isConnected && form.querySelector(FILE);
  if (input && isChosen(input)) say(input, `“${input.files[0].name}” was not uploaded. Try again.`, { alarm: true });
});
window.addEventListener("pageshow", () => chosen().forEach((input) => {
  sending.delete(input.form);
  follow(input);
}));
window.addEventListener("beforeunload", (event) => {
  if (waiting(null)) event.preventDefault();
});
