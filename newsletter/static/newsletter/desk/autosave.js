// Saves texts while somebody types. A text is kept in this browser until the server has it (kept_texts.js).
//
// The page says where: an element with data-autosave-to (the address), data-autosave-issue, data-autosave-account and
// data-autosave-log-in. Inside it, each field has data-autosave (its name), data-autosave-label and data-version (of the
// text that the page shows), and somewhere an element with data-save-mark of the same name. Fields that come later by
// htmx are found as well. Another script listens to `autosave:saved` on the field, or calls `saveAll()`.

import { forgetText, hasLoggedOut, isOpenElsewhere, keepText, keptTexts } from "./kept_texts.js";
import { postFields } from "./save_requests.js";
import { showChoice, showKeptTexts } from "./text_conflicts.js";
import { showToast } from "./toasts.js";

const PAUSE = 800; // milliseconds after the last key
const LONGEST_PAUSE = 4000; // while somebody types on and on
const RETRIES = [2000, 4000, 8000, 15000];
const BLOCKING = ["conflict", "ends-approval"];
const LONGEST_SENT = 120_000; // characters of earlier texts that one request repeats

const fields = new Set();

class Field {
  constructor(element, scope) {
    this.element = element;
    this.scope = scope.dataset;
    this.name = element.dataset.autosave;
    this.version = element.dataset.version;
    this.saved = element.value;
    this.sent = [];
    this.isDirty = this.isSaving = this.isBlocked = this.isGone = false;
    this.failures = 0;
    element.addEventListener("input", () => this.typed());
    element.addEventListener("change", () => this.isDirty && this.save());
    element.addEventListener("blur", () => this.showSuggestion());
    this.putBack();
  }

  get label() {
    return this.element.dataset.autosaveLabel;
  }

  get record() {
    return { account: this.scope.autosaveAccount, issue: this.scope.autosaveIssue, field: this.name };
  }

  typed() {
    this.isDirty = true;
    this.wasPutBack = false; // The text is another one now.
    this.suggestion = "";
    this.isKept = this.keep();
    if (this.isBlocked) return this.mark("not-saved", `Not saved: choose a text below${this.where()}`);
    if (!this.isSaving) this.mark("waiting", "Not saved yet");
    this.saveSoon(PAUSE);
  }

  keep(more = {}) {
    const { label, version, sent } = this;
    const page = location.pathname + location.search;
    const id = this.element.id;
    return keepText({ ...this.record, text: this.element.value, label, version, sent, page, id, ...more });
  }

  where() {
    if (this.isKept) return "; kept in this browser";
    return hasLoggedOut(this.scope.autosaveAccount) ? ". You logged out in another window: copy this text" : ". Keep this page open";
  }

  saveSoon(milliseconds) {
    this.firstTyped ||= Date.now();
    const longest = Math.max(0, this.firstTyped + LONGEST_PAUSE - Date.now());
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), Math.min(milliseconds, longest));
  }

  retryLater() {
    clearTimeout(this.timer);
    if (this.isGone) return;
    const pause = RETRIES[Math.min(this.failures, RETRIES.length - 1)];
    this.failures += 1;
    this.isKept = this.keep();
    this.timer = setTimeout(() => this.save(), pause);
  }

  // Save what the field holds now. `more` has what the person agreed to.
  async save(more = {}) {
    clearTimeout(this.timer);
    if (!this.isDirty || this.isBlocked) return;
    if (this.isSaving) return this.running;
    this.running = this.request(more);
    return this.running;
  }

  async request(more) {
    const text = this.element.value;
    this.isSaving = true;
    this.firstTyped = 0;
    const sent = this.sent;
    this.sent = shortEnough([...new Set([...sent, text])]);
    if (!this.isGone) this.isKept = this.keep();
    if (!this.failures) this.mark("saving", "Saving…");
    const answer = await postFields(this.scope.autosaveTo, {
      field: this.name,
      text,
      started_from: this.version,
      sent,
      account: this.scope.autosaveAccount,
      ...more,
    });
    this.isSaving = false;
    this.answered(text, answer);
  }

  answered(text, answer) {
    if (this.isGone) return this.answeredLate(text, answer);
    const failed = { "logged-out": true, offline: true, unreachable: true, forbidden: true }[answer.state];
    if (!failed) this.failures = 0;
    if (answer.state === "saved") return this.isStored(text, answer);
    if (BLOCKING.includes(answer.state)) return this.ask(text, answer);
    if (answer.state === "refused") {
      this.sent = [];
      this.isKept = this.keep();
      this.mark("not-saved", `Not saved: ${answer.sentence}${this.isKept ? " Your text is kept in this browser." : ""}`);
      if (this.element.value !== text) this.saveSoon(PAUSE);
      return;
    }
    this.isKept = this.keep();
    const why = {
      offline: "you are offline",
      "logged-out": "you are logged out",
      forbidden: "you can no longer edit this issue",
    }[answer.state] || "the server does not answer";
    this.mark("not-saved", `Not saved: ${why}${this.where()}`);
    if (answer.state === "logged-out") this.offerLogIn();
    this.retryLater();
  }

  isStored(text, answer) {
    this.storedAt = performance.now();
    this.version = answer.version;
    this.sent = [];
    this.saved = answer.text;
    for (const input of document.querySelectorAll(`input[name="version-${CSS.escape(this.name)}"]`)) input.value = answer.version;
    if (this.element.value === text) {
      this.isDirty = false;
      forgetText(this.record);
      if (!text.trim()) this.suggestion = answer.text;
      if (document.activeElement !== this.element) this.showSuggestion();
      this.mark("saved", `Saved ${answer.at}${this.wasPutBack ? ". We restored the text kept in this browser." : ""}`);
      this.wasPutBack = false;
      this.next();
    } else {
      this.isKept = this.keep();
      this.mark("waiting", `Saved ${answer.at}. Your latest changes are not saved yet.`);
      this.saveSoon(PAUSE);
    }
    this.element.dispatchEvent(new CustomEvent("autosave:saved", { bubbles: true, detail: answer }));
    announce({ ...this.record, version: answer.version, text: answer.text });
  }

  // Somebody else saved another text: show it once nobody is in the field, or the page would go on saying “Saved”.
  changedElsewhere(text, version) {
    if (this.isDirty || this.isSaving || version === this.version) return;
    if (document.activeElement === this.element) {
      this.mark("waiting", "Somebody has changed this text. You will see the new text when you leave the field.");
      this.element.addEventListener("blur", () => this.changedElsewhere(text, version), { once: true });
      return;
    }
    this.element.value = this.saved = text;
    this.version = version;
    for (const input of document.querySelectorAll(`input[name="version-${CSS.escape(this.name)}"]`)) input.value = version;
    this.element.dispatchEvent(new CustomEvent("autosave:shown", { bubbles: true }));
    this.mark("saved", "Somebody has changed this text. This is the new text.");
  }

  // An emptied subject is suggested again. It appears once the person has left the field.
  showSuggestion() {
    if (!this.suggestion || this.element.value.trim()) return;
    this.element.value = this.suggestion;
    this.suggestion = "";
    this.element.dispatchEvent(new CustomEvent("autosave:shown", { bubbles: true }));
  }

  // Two texts, or an approval that would end: the person decides, and until then nothing is sent.
  ask(text, answer) {
    this.isBlocked = true;
    this.sent = [];
    this.isKept = this.keep();
    this.mark("not-saved", `Not saved: choose an option below${this.where()}`);
    showChoice(this, answer, {
      mine: () => {
        if (answer.state === "conflict") this.version = answer.version;
        this.decided();
        this.save(answer.state === "conflict" ? {} : { agreed: answer.approval });
      },
      theirs: () => {
        this.element.value = answer.state === "conflict" ? answer.theirs : this.saved;
        if (answer.state === "conflict") [this.version, this.saved] = [answer.version, answer.theirs];
        this.isDirty = false;
        forgetText(this.record);
        this.decided();
        this.mark("saved", answer.state === "conflict" ? "The other text was kept. Yours was removed." : "Your change was removed.");
        this.element.dispatchEvent(new CustomEvent("autosave:shown", { bubbles: true }));
        this.next();
      },
    });
  }

  decided() {
    this.isBlocked = false;
    this.isDirty = true;
    this.element.focus();
  }

  offerLogIn() {
    const link = document.createElement("a");
    const back = `${location.pathname}${location.search}#${this.element.id}`;
    link.href = `${this.scope.autosaveLogIn}?next=${encodeURIComponent(back)}`;
    link.textContent = "Log in again";
    for (const mark of this.marks()) mark.append(" ", link.cloneNode(true));
  }

  // Put back what this browser kept of this field, newest first, one after the other.
  putBack() {
    const { account, issue, field } = this.record;
    this.waiting = keptTexts(account, issue).filter((each) => each.field === field);
    this.next();
  }

  next() {
    const record = this.waiting.shift();
    if (!record || this.isDirty) return;
    if (isOpenElsewhere(record)) {
      setTimeout(() => this.putBack(), 16_000);
      return;
    }
    forgetText(record);
    if (record.text.trim() === this.element.value.trim()) return this.next();
    this.element.value = record.text;
    this.version = record.version;
    this.sent = record.sent || [];
    this.isDirty = this.wasPutBack = true;
    this.isKept = this.keep();
    this.mark("waiting", "Not saved yet. We restored the text kept in this browser.");
    this.element.dispatchEvent(new CustomEvent("autosave:shown", { bubbles: true }));
    this.save();
  }

  marks() {
    return document.querySelectorAll(`[data-save-mark="${CSS.escape(this.name)}"]`);
  }

  // Screen readers hear of trouble, not of every save.
  mark(state, sentence) {
    for (const mark of this.marks()) {
      if (mark.dataset.state === state && mark.textContent === sentence) continue;
      mark.setAttribute("aria-live", state === "not-saved" || mark.dataset.state === "not-saved" ? "polite" : "off");
      mark.dataset.state = state;
      mark.textContent = sentence;
    }
  }

  // The field has left the page: save what it held, once. A text that does not arrive stays in this browser.
  leavePage() {
    this.isGone = true;
    clearTimeout(this.timer);
    if (this.isDirty && !this.isBlocked && !this.isSaving) this.request({});
  }

  answeredLate(text, answer) {
    const isBack = [...fields].some((field) => field.name === this.name && field.scope.autosaveIssue === this.scope.autosaveIssue);
    const kept = keptTexts(this.record.account, this.record.issue).find((each) => each.mine && each.field === this.name);
    if (answer.state === "saved" && !isBack && kept?.text === text) forgetText(this.record);
  }

  // The page closes: try once more, and tell the next page that no other tab has this text.
  leave() {
    if (!this.isDirty) return;
    this.keep({ closed: true });
    if (this.isBlocked || this.isSaving) return;
    postFields(this.scope.autosaveTo, {
      field: this.name,
      text: this.element.value,
      started_from: this.version,
      sent: this.sent,
      account: this.scope.autosaveAccount,
    }, { keepalive: true });
  }
}

// The newest texts of a list that fit into one request.
function shortEnough(texts) {
  let room = LONGEST_SENT;
  return texts.reverse().filter((text) => (room -= text.length) >= 0).reverse();
}

// Tabs of one person do not quarrel: what one tab saved, another shows if nobody typed there.
const channel = "BroadcastChannel" in window ? new BroadcastChannel("desk-saved") : null;

function announce(saved) {
  channel?.postMessage(saved);
}

channel?.addEventListener("message", ({ data }) => {
  for (const field of fields) {
    const mine = field.record;
    if (mine.account !== data.account || mine.issue !== data.issue || mine.field !== data.field) continue;
    if (field.isDirty || document.activeElement === field.element) continue;
    field.element.value = field.saved = data.text;
    field.version = data.version;
    field.element.dispatchEvent(new CustomEvent("autosave:shown", { bubbles: true }));
  }
});

function unsaved() {
  return [...fields].filter((field) => field.element.isConnected && field.isDirty);
}

// Try to save every field now. Resolves to whether all is saved.
export async function saveAll() {
  await Promise.all(unsaved().map((field) => field.save()));
  return unsaved().length === 0;
}

function start() {
  for (const field of fields) {
    if (field.element.isConnected) continue;
    fields.delete(field);
    field.leavePage();
  }
  for (const element of document.querySelectorAll("[data-autosave]:not([data-autosave-started])")) {
    const scope = element.closest("[data-autosave-to]");
    if (!scope) continue;
    element.dataset.autosaveStarted = "";
    fields.add(new Field(element, scope));
    if (location.hash === `#${element.id}`) element.focus();
  }
}

// The button “Save” of a form saves every text and stays on the page.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.matches("form[data-autosave-form]") && !event.submitter?.name) {
    event.preventDefault();
    if (await saveAll()) showToast("All your changes are saved.");
    else unsaved()[0].element.focus();
  }
});

// Nothing is approved, scheduled or sent while a text of the issue is not saved.
function stopUnlessSaved(event, address) {
  if (!address || !/\/(approve|schedule|send\/now)\/$/.test(new URL(address, location.href).pathname)) return;
  const scope = document.querySelector("[data-autosave-to]");
  const kept = scope ? keptTexts(scope.dataset.autosaveAccount, scope.dataset.autosaveIssue) : [];
  const labels = new Set([...unsaved(), ...kept].map((each) => each.label));
  if (!labels.size) return;
  event.preventDefault();
  event.stopPropagation();
  showToast(`Save or remove your unsaved text first: ${[...labels].join(", ")}.`, { alarm: true });
}

document.addEventListener("submit", (event) => {
  const to = event.submitter?.getAttribute("formaction") || event.target.getAttribute("action");
  stopUnlessSaved(event, to || location.href);
}, true);
document.addEventListener("click", (event) => stopUnlessSaved(event, event.target.closest?.("a[href]")?.href), true);
document.body.addEventListener("htmx:beforeRequest", (event) => {
  unsaved().forEach((field) => field.keep());
  if (event.detail.requestConfig.verb === "post") stopUnlessSaved(event, event.detail.pathInfo.requestPath);
});

// What others saved meanwhile, and a server that answers again (issue_state.js). A text that was saved here after the
// page was asked for is newer.
document.addEventListener("issue:changed", ({ detail }) => {
  if (!detail?.fresh) return;
  for (const field of fields) {
    const now = detail.fresh.querySelector(`[data-autosave="${CSS.escape(field.name)}"]`);
    if (now && !(field.storedAt > detail.asked)) field.changedElsewhere(now.value, now.dataset.version);
  }
});
document.addEventListener("issue:reachable", () => unsaved().forEach((field) => field.save()));
for (const name of ["online", "focus", "pageshow"]) window.addEventListener(name, () => unsaved().forEach((field) => field.save()));
window.addEventListener("pagehide", () => unsaved().forEach((field) => field.leave()));
window.addEventListener("beforeunload", (event) => {
  if (unsaved().some((field) => !field.keep())) event.preventDefault();
});
new MutationObserver(start).observe(document.body, { childList: true, subtree: true });
start();
showKeptTexts(() => [...fields].map((field) => field.record.field));
