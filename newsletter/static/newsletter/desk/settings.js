// The rows of a form that have an order: they are dragged by their grips, or moved by their buttons, without a new page.

import Sortable from "./vendor/sortable.js";

for (const rows of document.querySelectorAll("[data-rows]")) {
  const status = document.createElement("p");
  status.className = "hidden";
  status.setAttribute("role", "status");
  rows.after(status);

  rows.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (!button) return;
    event.preventDefault();
    const row = button.closest("li");
    const other = button.dataset.move === "up" ? row.previousElementSibling : row.nextElementSibling;
    if (!other?.querySelector("[data-move]")) return;
    other[button.dataset.move === "up" ? "before" : "after"](row);
    tell(row);
    (button.disabled ? row.querySelector("[data-move=down]") : button).focus();
  });

  const tell = (row) => {
    for (const up of rows.querySelectorAll("[data-move=up]")) up.disabled = up.closest("li") === rows.firstElementChild;
    const movable = [...rows.children].filter((each) => each.querySelector("[data-move]"));
    status.textContent = `Moved to position ${movable.indexOf(row) + 1} of ${movable.length}. Save to keep this order.`;
    rows.dispatchEvent(new Event("input", { bubbles: true }));
  };

  for (const grip of rows.querySelectorAll("[data-grip]")) grip.hidden = false;
  Sortable.create(rows, {
    handle: "[data-grip]",
    draggable: "li:has([data-move])",
    animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 120,
    ghostClass: "ghost-row",
    onEnd: (event) => { if (event.oldIndex !== event.newIndex) tell(event.item); },
  });
}

// A sample follows the choices of the form beside it.
const look = document.querySelector("form[data-sample]");
const shown = document.getElementById("sample");
if (look && shown) {
  let waiting;
  const follow = () => {
    const choices = [...new FormData(look)].filter(([name]) => name !== "csrfmiddlewaretoken");
    shown.src = `${look.dataset.sample}?${new URLSearchParams(choices)}`;
  };
  look.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(follow, 300);
  });
}
