// The messages at the foot of the window. They say what was done or what went wrong, and may offer “Undo”.

const SECONDS_SHOWN = 10;
// A screen reader does not read what is in a live region when the page loads. Messages that came with the page are added
// to it afterwards, when the title of the page and what has the focus are being read.
const AFTER_LOADING = 500; // milliseconds
const place = document.getElementById("toasts");
const cameWithPage = [...place.querySelectorAll("[data-toast]")];
let isShown = false;
let numbered = 0;
let before = null; // what had the focus before the message got it

// A message is hidden after ten seconds, but not while somebody points at it or the focus is inside. It stays in the page
// until another message replaces it, so that the keyboard and a screen reader still find “Undo”.
function startToast(toast) {
  const close = toast.querySelector("[data-close-toast]");
  const sentence = toast.querySelector("p");
  sentence.id = `toast-${++numbered}`;
  for (const button of toast.querySelectorAll("button")) button.setAttribute("aria-describedby", sentence.id);
  close.hidden = false;
  close.addEventListener("click", () => closeToast(toast));
  // A pointer that rests where the message appeared, or a finger that was lifted there, does not point at it.
  let isPointedAt = false;
  toast.addEventListener("pointermove", (event) => { isPointedAt ||= event.pointerType === "mouse" && (event.movementX !== 0 || event.movementY !== 0); });
  toast.addEventListener("pointerleave", () => { isPointedAt = false; });
  let left = SECONDS_SHOWN;
  const timer = setInterval(() => {
    if (!toast.isConnected) return clearInterval(timer);
    if (isPointedAt || toast.matches(":focus-within") || document.hidden) return;
    left -= 1;
    if (left > 0) return;
    clearInterval(timer);
    toast.classList.add("out-of-sight");
  }, 1000);
}

function closeToast(toast) {
  const hadFocus = toast.contains(document.activeElement);
  toast.remove();
  if (hadFocus) (before?.isConnected ? before : document.getElementById("main")).focus();
}

function undoButton() {
  return place.querySelector("form button");
}

export function startMessages() {
  for (const toast of cameWithPage) toast.remove();
  place.classList.add("started");
  setTimeout(showMessages, AFTER_LOADING);
}

function showMessages() {
  if (!isShown) place.prepend(...cameWithPage);
  isShown = true;
}

// Whether the page says what somebody has just done.
export function saysWhatWasDone() {
  return cameWithPage.length > 0 || place.querySelector("[data-toast]") !== null;
}

// A new message takes the place of those before it: two beside each other would hide the page, and “Undo” of the earlier
// one would undo the later act, too. An error stays beside what was done.
export function startToasts() {
  const all = [...place.querySelectorAll("[data-toast]")];
  const fresh = all.filter((each) => !("started" in each.dataset));
  for (const old of all.filter((each) => "started" in each.dataset)) {
    if (fresh.some((each) => each.matches(".alarm") === old.matches(".alarm"))) old.remove();
  }
  for (const toast of fresh) {
    toast.dataset.started = "";
    startToast(toast);
  }
}

// Show a sentence as the server's messages are shown. Other scripts import this. With `untilReached`, the message goes
// as soon as the server answers.
export function showToast(sentence, { alarm = false, untilReached = false } = {}) {
  const toast = document.createElement("div");
  toast.className = alarm ? "toast alarm" : "toast";
  toast.dataset.toast = "";
  if (untilReached) toast.dataset.untilReached = "";
  const text = document.createElement("p");
  text.textContent = sentence;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button ghost toast-close";
  close.dataset.closeToast = "";
  close.textContent = "Close";
  toast.append(text, close);
  place.append(toast);
}

export function serverWasReached() {
  for (const toast of document.querySelectorAll("[data-until-reached]")) closeToast(toast);
}

document.addEventListener("focusin", (event) => {
  if (event.target.closest("#toasts") && !event.relatedTarget?.closest("#toasts")) before = event.relatedTarget;
});

// Ctrl Z leads to “Undo” and does not press it: the message beside it says what would be undone. In a field, Ctrl Z is
// the browser's own.
document.addEventListener("keydown", (event) => {
  const toast = event.target.closest?.("#toasts [data-toast]");
  if (event.key === "Escape" && toast) return closeToast(toast);
  if (event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  if (event.target.closest?.("input, textarea, select, [contenteditable]") || document.querySelector("dialog[open]")) return;
  showMessages();
  if (!undoButton()) return;
  event.preventDefault();
  undoButton().focus();
});
