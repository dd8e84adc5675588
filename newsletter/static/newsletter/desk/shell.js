// The behaviour of the shell and the components. Every page works without it.

import "./chosen_files.js";
import "./kept_texts.js";
import "./turned_on_choices.js";
import { sayChanges } from "./say.js";
import { saysWhatWasDone, serverWasReached, showToast, startMessages, startToasts } from "./toasts.js";

// The token of the session as it is now. It changes when the user logs in again, perhaps in another tab.
export function csrfToken() {
  const cookie = document.cookie.split("; ").find((each) => each.startsWith("csrftoken="));
  return cookie ? cookie.slice("csrftoken=".length) : "";
}

document.addEventListener("submit", (event) => {
  const field = event.target.elements?.csrfmiddlewaretoken;
  if (field && csrfToken()) field.value = csrfToken();
}, true);
document.addEventListener("htmx:configRequest", (event) => {
  if (csrfToken()) event.detail.headers["X-CSRFToken"] = csrfToken();
});

function closeMenu(menu) {
  menu.open = false;
  menu.querySelector("summary").focus();
}

// An open menu stays inside the window, and opens upwards where there is more room.
const EDGE = 8;
function fitMenu(menu) {
  const items = menu.querySelector(".menu-items");
  items.removeAttribute("style");
  if (!menu.open || getComputedStyle(items).position === "fixed") return;
  const { left, right, bottom, height } = items.getBoundingClientRect();
  const beside = left < EDGE ? EDGE - left : Math.min(0, innerWidth - EDGE - right);
  if (beside) items.style.translate = `${beside}px`;
  const around = menu.getBoundingClientRect();
  if (bottom <= innerHeight - EDGE) return;
  if (around.top > innerHeight - around.bottom) {
    items.style.inset = "auto auto calc(100% + 4px) auto";
    items.style.insetInlineStart = menu.matches(".align-end") ? "auto" : "0";
    items.style.insetInlineEnd = menu.matches(".align-end") ? "0" : "auto";
    items.style.maxHeight = `${Math.min(height, around.top - 2 * EDGE)}px`;
  } else items.style.maxHeight = `${innerHeight - around.bottom - 2 * EDGE}px`;
}
document.addEventListener("toggle", (event) => {
  if (event.target.matches?.("[data-menu]") && event.target.querySelector(".menu-items")) fitMenu(event.target);
}, true);

function moveInMenu(menu, event) {
  const items = [...menu.querySelectorAll(".menu-items :is(a, button):not([disabled])")];
  if (!items.length) return;
  const here = items.indexOf(document.activeElement);
  const next = { ArrowDown: here + 1, ArrowUp: here < 0 ? items.length - 1 : here - 1, Home: 0, End: items.length - 1 }[event.key];
  event.preventDefault();
  menu.open = true;
  items[(next + items.length) % items.length].focus();
}

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("[data-menu]");
  if (!menu) return;
  if (event.key === "Escape" && menu.open) closeMenu(menu);
  else if (["ArrowDown", "ArrowUp"].includes(event.key)) moveInMenu(menu, event);
  else if (["Home", "End"].includes(event.key) && menu.open) moveInMenu(menu, event);
});

// A menu closes when Tab leaves it. A click that takes the focus elsewhere does not count: in Safari, so does one on its items.
document.addEventListener("keyup", (event) => {
  if (event.key !== "Tab") return;
  for (const menu of document.querySelectorAll("[data-menu][open]")) {
    if (!menu.contains(document.activeElement)) menu.open = false;
  }
});

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  const sample = event.target.closest("[data-sample-toast]")?.dataset.sampleToast;
  if (sample) document.getElementById("toasts").append(document.getElementById(sample).content.cloneNode(true));
  const opener = event.target.closest("[data-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog?.showModal) {
    event.preventDefault();
    dialog.showModal();
  } else if (event.target instanceof HTMLDialogElement && event.target.open) {
    // A click beside the dialog is a click on its backdrop.
    const box = event.target.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) event.target.close();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === " " && event.target.matches("a[role=button]")) {
    event.preventDefault();
    event.target.click();
  }
});

// The calendar beside a field for a date and time writes what was chosen into the field.
function startDateField(field) {
  const [text, picker] = [field.querySelector("input[type=text]"), field.querySelector(".date-picker")];
  picker.hidden = false;
  picker.addEventListener("change", () => {
    if (!picker.value) return;
    text.value = picker.value.replace("T", " ");
    text.dispatchEvent(new Event("input", { bubbles: true }));
    text.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

// Ctrl K finds things; “?” shows the shortcuts; “g” and another key go to a page. Single keys can be switched off
// (WCAG 2.2, 2.1.4), and do nothing while somebody types.
const SINGLE_KEYS = "desk-single-keys";
let going = 0;

async function openPalette() {
  const palette = document.getElementById("palette");
  if (!palette || palette.open) return;
  // It is open before its script has come, so that nothing typed is lost.
  palette.showModal();
  palette.querySelector("input").select();
  (await import("./palette.js")).search();
}

function isTyping(target) {
  return target.closest?.("input, textarea, select, [contenteditable]:not([contenteditable=false])");
}

function goTo(key) {
  const paths = JSON.parse(document.querySelector("[data-keys]")?.dataset.keys ?? "{}");
  if (Object.hasOwn(paths, key)) location.assign(paths[key]);
}

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
    event.preventDefault();
    openPalette();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (localStorage.getItem(SINGLE_KEYS) === "off" || document.querySelector("dialog[open]")) return;
  const goes = event.timeStamp - going < 1500;
  going = event.key === "g" ? event.timeStamp : 0;
  if (event.key === "?") document.getElementById("shortcuts")?.showModal();
  else if (goes) goTo(event.key);
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-palette]") || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  openPalette();
});

function startSingleKeys(choice) {
  const box = choice.querySelector("input");
  choice.hidden = false;
  box.checked = localStorage.getItem(SINGLE_KEYS) !== "off";
  box.addEventListener("change", () => localStorage.setItem(SINGLE_KEYS, box.checked ? "on" : "off"));
}

function start() {
  startToasts();
  sayChanges();
  for (const field of document.querySelectorAll("[data-date-field]:not([data-started])")) {
    field.dataset.started = "";
    startDateField(field);
  }
}

new MutationObserver(() => start()).observe(document.body, { childList: true, subtree: true });
startMessages();
start();
document.querySelectorAll("[data-single-keys]").forEach(startSingleKeys);

// The first thing that is wrong has the focus. So it is in view, and a screen reader reads it, which it does not do by
// itself for a message that was in the page when it loaded.
const visible = (selector) => [...document.querySelectorAll(selector)].find((each) => each.checkVisibility());
const wrong = visible(".error-summary") ?? visible("main [aria-invalid=true]") ?? visible("main [role=alert]");
if (wrong?.matches("[role]:not([tabindex])")) wrong.tabIndex = -1;
// Scripts can come late. Somebody who is already in a field stays there.
if (wrong && (document.activeElement === document.body || document.activeElement.matches("[autofocus]"))) {
  wrong.focus();
  // The beginning of what is higher than the window is in view.
  wrong.scrollIntoView({ block: wrong.offsetHeight > innerHeight / 2 ? "start" : "center" });
}

// The focus goes to the field that a link leads to, such as “Show me” of the review, or to what an act made or changed:
// the anchor of its page, or else a message, or the heading.
function lookAtSpot() {
  const spot = location.hash === "" ? null : document.getElementById(location.hash.slice(1));
  const message = document.querySelector("main .message[role=status]") ?? (saysWhatWasDone() && document.querySelector("main h1"));
  const target = spot?.closest("main") ? spot : message;
  if (!target || (target !== spot && (document.activeElement !== document.body || document.querySelector("[autofocus]")))) return;
  if (!target.matches("a[href], button, input, textarea, select, summary, [tabindex]")) target.tabIndex = -1;
  target.focus({ preventScroll: target === spot });
  if (target === spot && target.matches("textarea, input[type=text]")) selectWords(target);
}

// A link such as “Show me” can name words that it is about. Those that the field has are selected.
function selectWords(field) {
  const words = new URLSearchParams(location.search).getAll("find").find((each) => each && field.value.includes(each));
  if (!words) return;
  const start = field.value.indexOf(words);
  field.setSelectionRange(start, start + words.length);
  if (field.localName === "textarea") field.scrollTop = heightOf(field, field.value.slice(0, start)) - field.clientHeight / 2;
}

// How high a text is in a field of this width.
function heightOf(field, text) {
  const copy = Object.assign(document.createElement("textarea"), { className: field.className, rows: 1, value: text, tabIndex: -1 });
  Object.assign(copy.style, { position: "absolute", visibility: "hidden", width: `${field.offsetWidth}px`, minHeight: "0" });
  field.after(copy);
  const height = copy.scrollHeight;
  copy.remove();
  return height;
}

if (!wrong) lookAtSpot();
document.body.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id !== "main") return;
  lookAtSpot();
  document.activeElement?.scrollIntoView({ block: "nearest" });
});

// htmx: an answer that has only a toast, a session that has ended, and a server that does not answer.
document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.getResponseHeader("HX-Reswap")) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});
const WHY_FAILED = {
  401: "You have been logged out. Log in again in another tab, then try again here. Nothing on this page is lost.",
  413: "The file is too large, so nothing was changed. Choose one that is 15 MB or smaller.",
};
document.body.addEventListener("htmx:responseError", (event) => {
  showToast(WHY_FAILED[event.detail.xhr.status] ?? "Something went wrong, and nothing was changed. Try again.", { alarm: true });
});
for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.body.addEventListener(name, () => {
    showToast("We could not reach the server, so nothing was changed. Check your connection and try again.", { alarm: true, untilReached: true });
  });
}
document.body.addEventListener("htmx:beforeSwap", serverWasReached);
document.addEventListener("issue:reachable", serverWasReached);
document.addEventListener("autosave:saved", serverWasReached);
