// The part “Details”: lengths, suggestions, placeholders, and pictures in the introduction. All of it works without.

import "./vendor/markdown-toolbar-element.js";
import { csrfToken } from "./save_requests.js";

const count = (text) => [...text].length;

function sayLength(field) {
  const place = document.querySelector(`[data-count="${field.name}"]`);
  if (!place) return;
  const length = count(field.value);
  const [phone, longest] = [Number(field.dataset.phoneShows), Number(field.dataset.longest)];
  const characters = `${length.toLocaleString("en-GB")} ${length === 1 ? "character" : "characters"}`;
  if (length > longest) place.textContent = `${characters}. The maximum is ${longest}.`;
  else if (length > phone) place.textContent = `${characters}. A phone cuts it off after “… ${lastWords([...field.value].slice(0, phone).join(""))}”.`;
  else place.textContent = length ? `${characters}. A phone shows all of it.` : "";
}

function lastWords(text) {
  return text.trim().split(/\s+/).slice(-3).join(" ").slice(-30);
}

// Put text where the cursor is, so that the browser's own undo takes it back.
function insert(field, text) {
  field.focus();
  if (!document.execCommand("insertText", false, text)) field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function replaceAll(field, text) {
  field.focus();
  field.select();
  insert(field, text);
}

let lastField = document.getElementById("opening");

for (const field of document.querySelectorAll(".texts [data-autosave]")) {
  field.addEventListener("focus", () => { lastField = field; });
  for (const name of ["input", "autosave:shown"]) field.addEventListener(name, () => sayLength(field));
  sayLength(field);
}

// The heading of the page shows the subject and the preheader that are saved.
document.addEventListener("autosave:saved", (event) => {
  const place = { subject: ".issue-head h1", preheader: ".issue-head .lead" }[event.target.name];
  const shown = place && document.querySelector(place);
  if (shown) shown.textContent = event.detail.text || "(no subject)";
});

for (const button of document.querySelectorAll("[data-suggestion-for]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    replaceAll(document.getElementById(button.dataset.suggestionFor), button.parentElement.querySelector("span").textContent);
    button.parentElement.hidden = true;
  });
}

for (const button of document.querySelectorAll("[data-insert]")) {
  button.addEventListener("click", () => {
    button.closest("details").open = false;
    insert(lastField, button.dataset.insert);
  });
}

const opening = document.getElementById("opening");
// Where the page has no script, the buttons would do nothing, so they are hidden.
const bar = document.querySelector(".format-row");
bar.hidden = false;
opening.before(bar);

// With nothing selected, the buttons would write only their signs, such as “****”. So they format the word at the cursor,
// or write words to type over.
const SAMPLES = {
  "MD-BOLD": ["**", "bold text", "**"],
  "MD-ITALIC": ["_", "italic text", "_"],
  "MD-LINK": ["[", "link text", "](https://)"],
};

function writeSample(event) {
  const sample = SAMPLES[event.target.closest?.("[role=button]")?.tagName];
  if (!sample || (event.type === "keydown" && event.key !== "Enter" && event.key !== " ")) return;
  const at = opening.selectionStart;
  if (at !== opening.selectionEnd) return;
  const [begun] = opening.value.slice(0, at).match(/[\p{L}\p{N}’'-]*$/u);
  const [rest] = opening.value.slice(at).match(/^[\p{L}\p{N}’'-]*/u);
  if (begun || rest) return opening.setSelectionRange(at - begun.length, at + rest.length);
  event.preventDefault();
  event.stopPropagation();
  const [before, words, after] = sample;
  insert(opening, `${before}${words}${after}`);
  opening.setSelectionRange(at + before.length, at + before.length + words.length);
}

for (const name of ["click", "keydown"]) bar.addEventListener(name, writeSample, { capture: true });

const panel = document.getElementById("picture-panel");
const file = document.getElementById("picture");
const description = document.getElementById("picture_description");

function sayPictureError(sentence) {
  const place = document.querySelector("[data-picture-error]");
  place.textContent = sentence;
  place.hidden = !sentence;
  place.closest(".field").classList.toggle("wrong", Boolean(sentence));
  if (sentence) (description.value.trim() ? file : description).focus();
}

async function addPicture(button) {
  const body = new FormData();
  if (file.files[0]) body.append("picture", file.files[0]);
  body.append("picture_description", description.value);
  button.disabled = true;
  sayPictureError("");
  try {
    const response = await fetch(button.dataset.addPicture, {
      method: "POST",
      body,
      headers: { "X-CSRFToken": csrfToken(), Accept: "application/json" },
      redirect: "manual",
    });
    if (response.status === 413) return sayPictureError("The file is too large, so it was not added. Choose one that is 15 MB or smaller.");
    if (!(response.headers.get("Content-Type") || "").startsWith("application/json")) throw new Error("not ours");
    const answer = await response.json();
    if (!answer.markdown) return sayPictureError(answer.sentence);
    const before = opening.value.slice(0, opening.selectionStart).trimEnd();
    insert(opening, `${before ? "\n\n" : ""}${answer.markdown}\n\n`);
    [file.value, description.value, panel.open] = ["", "", false];
    file.dispatchEvent(new Event("change", { bubbles: true }));
  } catch {
    sayPictureError("The picture was not added, because the server did not answer or you have been logged out. We have kept your texts. Try again.");
  } finally {
    button.disabled = false;
  }
}

if (opening && panel) {
  const button = document.querySelector("[data-add-picture]");
  button.addEventListener("click", (event) => {
    event.preventDefault();
    addPicture(button);
  });
  const hasFile = (event) => [...(event.dataTransfer?.types || [])].includes("Files");
  opening.addEventListener("dragover", (event) => {
    if (!hasFile(event)) return;
    event.preventDefault();
    opening.classList.add("drop-here");
  });
  opening.addEventListener("dragleave", () => opening.classList.remove("drop-here"));
  opening.addEventListener("drop", (event) => {
    opening.classList.remove("drop-here");
    if (!hasFile(event)) return;
    event.preventDefault();
    file.files = event.dataTransfer.files;
    file.dispatchEvent(new Event("change", { bubbles: true }));
    panel.open = true;
    description.focus();
  });
}
