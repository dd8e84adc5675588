// Keeps what somebody types into a form that is saved by its button, in this browser, until the server has it.
//
// A form with data-keep-form (what it is called, for sentences) is kept by person, path and field, like the texts of
// autosave.js (kept_texts.js). data-keep-as tells forms with the same path apart. Passwords, files and hidden fields are
// never kept, except hidden fields with data-keep-version: the version that the person started from, so that a text
// that is put back still meets the check for what others changed since. With data-keep-choices, what was chosen from lists,
// radio buttons and boxes is kept as well.
//
// When a form is sent, its name goes along as `kept_as`. If the server has stored it, it says so by a cookie
// (tell_browser_form_was_received.py), and the next page forgets the text.

import { forgetText, isOpenElsewhere, keepText, keptTexts } from "./kept_texts.js";

const STORED = "desk-stored";
const TYPED = "textarea, input:is([type=text], [type=email], [type=url], [type=search], [type=tel], [type=number], [type=date], :not([type]))";
const CHOSEN = "select, input:is([type=radio], [type=checkbox])";
const CLOSED_AFTER = 16_000; // milliseconds after which a text of a tab that crashed is put back

const account = document.querySelector("form[data-log-out]")?.dataset.logOut || "nobody";
const started = new Set();
const refused = new Set(); // forms that the server has just shown again with an error

class KeptForm {
  constructor(form) {
    this.form = form;
    const path = new URL(form.getAttribute("action") || "", location.href).pathname;
    this.record = { account, issue: `form ${path}`, field: form.dataset.keepAs || "all" };
    this.label = form.dataset.keepForm;
    // What the server sent, not what the fields have now: somebody can type before this script has come.
    this.shown = this.read(defaultOf);
    this.isDirty = false;
    this.isKept = true;
    form.addEventListener("input", (event) => this.fields().includes(event.target) && this.typed());
    form.addEventListener("submit", () => this.send());
    // A form that is counted while it is filled in is not stored by that.
    form.addEventListener("htmx:beforeOnLoad", ({ detail }) => {
      if (detail.elt === form && detail.requestConfig.triggeringEvent?.type === "submit") this.answered(detail.xhr.status);
    });
    this.putBack();
  }

  get name() {
    return `${this.record.issue} ${this.record.field}`;
  }

  fields() {
    const kept = "keepChoices" in this.form.dataset ? `${TYPED}, ${CHOSEN}` : TYPED;
    const typed = [...this.form.querySelectorAll(kept)].filter((field) => field.name && !("autosave" in field.dataset) && field.autocomplete !== "one-time-code");
    return [...typed, ...this.form.querySelectorAll("input[data-keep-version]")];
  }

  read(value = valueOf) {
    return Object.fromEntries(this.fields().map((field) => [keyOf(field), value(field)]));
  }

  write(values) {
    for (const field of this.fields()) {
      const value = values[keyOf(field)];
      if (value === undefined || value === valueOf(field)) continue;
      if (isBox(field)) field.checked = value !== "";
      else if (field.localName !== "select" || [...field.options].some((each) => each.value === value)) field.value = value;
      // Other scripts follow what is chosen, and count it.
      if (field.matches(CHOSEN)) afterLoading(() => field.dispatchEvent(new Event("change", { bubbles: true })));
    }
  }

  // Whether two sets of values have the same texts. Versions do not count.
  isSame(one, other) {
    return this.fields().filter((field) => !("keepVersion" in field.dataset)).every((field) => tidy(one[keyOf(field)]) === tidy(other[keyOf(field)]));
  }

  keep(more = {}) {
    this.isKept = keepText({ ...this.record, label: this.label, values: this.read(), sent: this.sent, ...more });
  }

  typed() {
    this.sent = "";
    this.isDirty = !this.isSame(this.read(), this.shown);
    if (this.isDirty) this.keep();
    else forgetText(this.record);
  }

  send() {
    if (!this.isDirty) return;
    this.sent = Math.random().toString(36).slice(2);
    this.keep();
    const field = this.form.querySelector("input[name=kept_as]") || this.form.appendChild(Object.assign(document.createElement("input"), { type: "hidden", name: "kept_as" }));
    field.value = this.sent;
  }

  answered(status) {
    if (status >= 200 && status < 300) {
      this.isDirty = false;
      forgetText(this.record);
    } else if (status === 409 || status === 422) refused.add(this.name);
  }

  // A field in which somebody has typed in the meantime stays as it is.
  writeUntouched(values) {
    const untouched = this.fields().filter((field) => valueOf(field) === defaultOf(field)).map(keyOf);
    this.write(Object.fromEntries(untouched.map((key) => [key, values[key]])));
  }

  putBack() {
    const found = keptTexts(account, this.record.issue).filter((each) => each.field === this.record.field);
    const record = found.find((each) => !isOpenElsewhere(each));
    if (!record) {
      if (found.length) setTimeout(() => this.form.isConnected && !this.isDirty && this.putBack(), CLOSED_AFTER);
      return;
    }
    const isShownAgain = refused.delete(this.name) || (record.sent && isErrorPage());
    forgetText(record);
    if (this.isSame(record.values, this.shown)) {
      // The server has this text already, or it has refused it and shows it again: then it is still to be kept.
      if (!isShownAgain) return;
      this.shown = {};
      this.isDirty = true;
      this.keep();
      return;
    }
    this.writeUntouched(record.values);
    this.isDirty = true;
    this.keep();
    this.say();
  }

  say() {
    const note = Object.assign(document.createElement("p"), { className: "message kept-form" });
    note.setAttribute("role", "status");
    const discard = Object.assign(document.createElement("button"), { type: "button", className: "button link", textContent: "Discard this text" });
    discard.addEventListener("click", () => {
      this.write(this.shown);
      this.isDirty = false;
      forgetText(this.record);
      note.remove();
      this.fields()[0]?.focus();
    });
    note.append("We restored what you typed here earlier. It has not been saved yet. ", discard);
    this.form.prepend(note);
    this.form.closest("details")?.setAttribute("open", "");
  }
}

const isBox = (field) => ["radio", "checkbox"].includes(field.type);
const keyOf = (field) => (isBox(field) ? `${field.name}=${field.value}` : field.name);
const valueOf = (field) => (isBox(field) ? (field.checked ? "yes" : "") : field.value);
const defaultOf = (field) => {
  if (isBox(field)) return field.defaultChecked ? "yes" : "";
  if (field.localName !== "select") return field.defaultValue;
  return ([...field.options].find((each) => each.defaultSelected) ?? field.options[0])?.value ?? "";
};
const afterLoading = (act) => (document.readyState === "complete" ? act() : window.addEventListener("load", act, { once: true }));
const tidy = (text) => (text ?? "").replaceAll("\r\n", "\n").trim();
const isErrorPage = () => document.title.startsWith("Error: ") || document.querySelector(".error-summary") !== null;

// What the server has stored since the last page.
function forgetStored() {
  const stored = document.cookie.split("; ").find((each) => each.startsWith(`${STORED}=`))?.slice(STORED.length + 1);
  if (!stored) return;
  keptTexts(account).concat(keptTexts("nobody")).filter((each) => each.sent === stored).forEach(forgetText);
}

function start() {
  for (const kept of started) if (!kept.form.isConnected) started.delete(kept);
  for (const form of document.querySelectorAll("form[data-keep-form]:not([data-keep-started])")) {
    form.dataset.keepStarted = "";
    started.add(new KeptForm(form));
  }
}

const unsaved = () => [...started].filter((kept) => kept.form.isConnected && kept.isDirty);

window.addEventListener("pagehide", () => unsaved().forEach((kept) => kept.keep({ closed: true })));
window.addEventListener("beforeunload", (event) => {
  if (unsaved().some((kept) => !kept.isKept && !kept.sent)) event.preventDefault();
});
forgetStored();
new MutationObserver(start).observe(document.body, { childList: true, subtree: true });
start();
