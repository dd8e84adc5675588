// The running order: by mouse, by keyboard, and what stays in view after each act. Without it, the menus do the same.

import { change, isBusy } from "./contents_requests.js";
import Sortable from "./vendor/sortable.js";

const say = (sentence) => { document.getElementById("order-said").textContent = sentence; };
const isArticle = (entry) => "article" in entry.dataset;
const isRow = (element) => element?.matches(".entry");

let held = null; // while somebody moves a row by the keyboard: the row, and the order before

function placeOf(entry) {
  const articles = [...entry.parentElement.querySelectorAll(".entry[data-article]")];
  return articles.indexOf(entry) + 1;
}

function groupOf(entry) {
  let before = entry.previousElementSibling;
  while (before && !before.matches(".group")) before = before.previousElementSibling;
  return before;
}

function describe(entry) {
  const group = groupOf(entry)?.textContent.trim();
  const place = isArticle(entry) ? `Position ${placeOf(entry)}` : "Moved";
  return group ? `${place}, ${group}` : place;
}

// One step up or down. A heading is a step of its own, so that a row can become the last of one section or the first of the next.
function step(entry, down) {
  const list = entry.parentElement;
  let beside = down ? entry.nextElementSibling : entry.previousElementSibling;
  while (beside?.matches(".plain")) beside = down ? beside.nextElementSibling : beside.previousElementSibling;
  if (!beside || beside.matches(".fixed")) return false;
  if (down) beside.after(entry);
  else list.insertBefore(entry, beside);
  entry.querySelector("[data-grip]").focus({ preventScroll: true });
  entry.scrollIntoView({ block: "nearest" });
  return true;
}

const orderOf = (list) => [...list.children];
const restore = (list, order) => list.append(...order);

function position(entry) {
  let next = entry.nextElementSibling;
  while (next && !isRow(next)) next = next.nextElementSibling;
  const group = groupOf(entry);
  const isAfter = group && "after" in group.dataset;
  const values = { key: entry.dataset.key, before: isAfter && isArticle(entry) ? "" : next?.dataset.key || "" };
  if (group && !isAfter && isArticle(entry)) values.section = group.dataset.section;
  return values;
}

let stored = null; // while moves are under way: the list as the server had it before the first of them

function send(entry, before) {
  const section = document.getElementById("contents");
  if (orderOf(entry.parentElement).every((element, index) => element === before[index])) return;
  if (!isBusy() || !stored) stored = { list: entry.parentElement, order: before };
  change(section.dataset.moveTo, position(entry));
}

document.body.addEventListener("htmx:afterRequest", (event) => {
  const { successful, target, xhr } = event.detail;
  if (target?.id !== "contents" || !stored) return;
  if (!successful && xhr.status !== 409 && xhr.status !== 422 && stored.list.isConnected) {
    restore(stored.list, stored.order);
    say("The row was not moved.");
  }
  if (!successful) stored = null;
});

function take(entry) {
  held = { entry, before: orderOf(entry.parentElement) };
  entry.classList.add("held");
  entry.querySelector("[data-grip]").setAttribute("aria-pressed", "true");
  say(`${entry.dataset.title}. ${describe(entry)}. Use the arrow keys to move it, Space to put it down, Escape to put it back.`);
}

function letGo() {
  held.entry.classList.remove("held");
  held.entry.querySelector("[data-grip]").setAttribute("aria-pressed", "false");
  const { entry, before } = held;
  held = null;
  return { entry, before };
}

function putBack() {
  const { entry, before } = letGo();
  restore(entry.parentElement, before);
  entry.querySelector("[data-grip]").focus();
  say(`${entry.dataset.title} is back where it was.`);
}

document.addEventListener("keydown", (event) => {
  const entry = event.target.closest?.("[data-grip]")?.closest(".entry");
  if (!entry) return;
  const arrow = { ArrowUp: false, ArrowDown: true }[event.key];
  if (held?.entry === entry) {
    if (event.key === "Escape") putBack();
    else if (event.key === "Tab") return putBack();
    else if ([" ", "Enter"].includes(event.key)) {
      const { before } = letGo();
      send(entry, before);
    } else if (arrow !== undefined) say(step(entry, arrow) ? describe(entry) : "This row cannot be moved any further.");
    else return;
  } else if ([" ", "Enter"].includes(event.key)) take(entry);
  else if (event.altKey && arrow !== undefined) {
    const before = orderOf(entry.parentElement);
    if (step(entry, arrow)) send(entry, before);
  } else return;
  event.preventDefault();
});

function startOrder(section) {
  const list = section.querySelector("[data-order]");
  if (!list || !section.dataset.moveTo) return;
  for (const grip of list.querySelectorAll("[data-grip]")) grip.hidden = false;
  let before = [];
  Sortable.create(list, {
    handle: "[data-grip]",
    draggable: ".entry",
    animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 120,
    ghostClass: "ghost-row",
    onStart: () => { before = orderOf(list); },
    onEnd: (event) => send(event.item, before),
  });
}

// After each act the focus and the view stay on the row. What went wrong has the focus, or the first field of an open panel.
function lookAt(section) {
  const row = document.getElementById(section.dataset.lookAt || "");
  if (!row) return;
  row.closest("details")?.setAttribute("open", "");
  const panel = row.querySelector("[data-open-panel]");
  const problem = row.querySelector(".problem");
  if (problem) problem.tabIndex = -1;
  const field = problem || panel?.querySelector("[aria-invalid], [autofocus]") || panel?.querySelector("textarea, select, input:not([type=hidden])");
  const target = field || row.querySelector("[data-grip]:not([hidden])") || row.querySelector("button, summary, a");
  target?.focus({ preventScroll: true });
  (problem || panel || row).scrollIntoView({ block: problem ? "center" : "nearest" });
}

function startPictures(section) {
  for (const form of section.querySelectorAll("[data-drop-picture]")) {
    const input = form.querySelector("[name=picture_file]");
    const takes = (event) => [...event.dataTransfer.types].includes("Files");
    form.addEventListener("dragover", (event) => {
      if (!takes(event)) return;
      event.preventDefault();
      form.classList.add("dropping");
    });
    form.addEventListener("dragleave", () => form.classList.remove("dropping"));
    form.addEventListener("drop", (event) => {
      if (!takes(event)) return;
      event.preventDefault();
      form.classList.remove("dropping");
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
    // Another picture has another description.
    input.addEventListener("change", () => {
      if (!input.files.length) return;
      const alt = form.querySelector("[name=alt]");
      alt.select();
      alt.focus();
    });
  }
}

function start(section) {
  if (!section || section.dataset.started) return;
  section.dataset.started = "true";
  held = null;
  startOrder(section);
  startPictures(section);
}

document.body.addEventListener("htmx:load", () => {
  const section = document.getElementById("contents");
  if (!section || section.dataset.started) return;
  start(section);
  lookAt(section);
});

const search = document.querySelector("[data-live-search]");
if (search) {
  let timer;
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const query = new URLSearchParams(new FormData(search));
      window.htmx.ajax("GET", `${search.action}?${query}`, { source: search, target: "#found", swap: "outerHTML" });
    }, 250);
  });
}

document.addEventListener("submit", (event) => {
  const busy = event.target.dataset.busy;
  const button = event.submitter;
  if (!busy || !button) return;
  // Only after the form was sent, or the button's own value would be missing.
  setTimeout(() => { button.disabled = true; button.textContent = busy; });
});

// The row shows the headline that is saved.
document.addEventListener("autosave:saved", (event) => {
  const entry = event.target.id === "edit-headline" && event.target.closest(".entry");
  const title = entry && entry.querySelector(".row-title");
  if (!title || !event.detail.text) return;
  title.replaceChildren(...[...title.children], event.detail.text);
  entry.dataset.title = event.detail.text;
});

const contents = document.getElementById("contents");
start(contents);
// A row that the address names has the focus already (shell.js).
if (contents?.dataset.lookAt && !location.hash) lookAt(contents);
