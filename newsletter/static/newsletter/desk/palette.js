// The command palette: what is typed is searched on the server, and the keyboard chooses from the list.
import Combobox from "./vendor/combobox-nav.js";

const WAIT = 120;
const palette = document.getElementById("palette");
const [text, list, status] = ["palette-text", "palette-list", "palette-status"].map((id) => document.getElementById(id));
const combobox = new Combobox(text, list, { firstOptionSelectionMode: "selected", tabInsertsSuggestions: false });
let timer = 0;
let asked = 0;

export async function search() {
  const mine = ++asked;
  let answer;
  try {
    answer = await fetch(`${palette.dataset.list}?q=${encodeURIComponent(text.value)}`, { credentials: "same-origin" });
  } catch {
    status.textContent = "We could not reach the server.";
    return;
  }
  // Only the answer to what was typed last counts.
  if (mine !== asked || !palette.open) return;
  if (!answer.ok || answer.redirected) return location.reload();
  show(await answer.text());
}

function show(html) {
  list.innerHTML = html;
  const none = list.querySelector("[data-none]");
  const found = list.querySelectorAll("a[role=option]").length;
  // A listbox holds options and nothing else.
  none?.remove();
  list.hidden = Boolean(none);
  status.className = none ? "palette-none" : "hidden";
  status.textContent = none ? none.textContent : `${found} ${found === 1 ? "result" : "results"}`;
  combobox.stop();
  if (!none) combobox.start();
}

text.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(search, WAIT);
});
text.form.addEventListener("submit", (event) => {
  // Enter on a chosen result is handled by the list; without one the page of the search opens.
  if (list.querySelector("[aria-selected=true]")) event.preventDefault();
});
palette.addEventListener("close", () => {
  clearTimeout(timer);
  combobox.stop();
});
