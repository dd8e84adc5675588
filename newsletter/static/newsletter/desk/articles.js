// The list of articles says how many are ticked. Everything works without it.

function say() {
  const said = document.querySelector("[data-selected]");
  if (!said) return;
  const ticked = document.querySelectorAll('#selection input[name="article"]:checked').length;
  document.querySelector("[data-selection-bar]").classList.toggle("idle", ticked === 0);
  said.textContent = ticked === 0 ? "Tick articles to update several at once." : ticked === 1 ? "1 article ticked" : `${ticked} articles ticked`;
}

document.addEventListener("change", say);
document.addEventListener("htmx:afterSettle", say);

// After an act, the page stands at the article that was acted upon, and so does the keyboard.
const acted = location.hash.startsWith("#article-") && document.getElementById(location.hash.slice(1));
if (acted) acted.focus({ preventScroll: true });
say();

const tickAll = document.querySelector("[data-tick-all]");
if (tickAll) {
  tickAll.hidden = false;
  tickAll.addEventListener("click", (event) => {
    const wanted = event.target.dataset.tick;
    if (!wanted) return;
    for (const box of tickAll.closest("form").querySelectorAll(`[name="${tickAll.dataset.tickAll}"]`)) box.checked = wanted === "all";
  });
}
