// The list of people says how many are ticked, ticks a range with Shift, and moves with the arrow keys. It works without.

const form = document.querySelector("[data-people]");
if (form) {
  const boxes = () => [...form.querySelectorAll('input[name="person"]')];
  const said = form.querySelector("[data-ticked]");
  const all = form.querySelector("[data-tick-page]");
  let last = null;

  function say() {
    const ticked = boxes().filter((box) => box.checked).length;
    said.textContent = ticked === 0 ? "Tick people to update several at once." : ticked === 1 ? "1 person ticked" : `${ticked} people ticked`;
    form.querySelector(".people-bar").classList.toggle("in-use", ticked > 0);
    all.checked = ticked > 0 && ticked === boxes().length;
    all.indeterminate = ticked > 0 && !all.checked;
  }

  form.addEventListener("click", (event) => {
    const box = event.target;
    if (box === all) for (const each of boxes()) each.checked = all.checked;
    if (box.name === "person") {
      if (event.shiftKey && last && last !== box) {
        const every = boxes();
        const [from, to] = [every.indexOf(last), every.indexOf(box)].sort((a, b) => a - b);
        for (const each of every.slice(from, to + 1)) each.checked = box.checked;
      }
      last = box;
    }
    say();
  });

  form.addEventListener("keydown", (event) => {
    if (event.target.name !== "person" || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
    const every = boxes();
    const next = every[every.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1)];
    if (!next) return;
    event.preventDefault();
    if (event.shiftKey) next.checked = event.target.checked;
    next.focus();
    last = next;
    say();
  });

  all.closest("label").hidden = false;
  say();
}
