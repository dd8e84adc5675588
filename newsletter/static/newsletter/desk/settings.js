// The rows of a form that have an order: their buttons move them without a new page.

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
    for (const up of rows.querySelectorAll("[data-move=up]")) up.disabled = up.closest("li") === rows.firstElementChild;
    (button.disabled ? row.querySelector("[data-move=down]") : button).focus();
    const movable = [...rows.children].filter((each) => each.querySelector("[data-move]"));
    status.textContent = `Moved to place ${movable.indexOf(row) + 1} of ${movable.length}. Save to keep this order.`;
    rows.dispatchEvent(new Event("input", { bubbles: true }));
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
