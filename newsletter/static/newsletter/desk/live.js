// Counts down, and updates the live parts of a page from the server. Without JavaScript the page reloads itself.
const INTERVAL = 3000;
const parser = new DOMParser();

function countDown(timer) {
  const end = performance.now() + 1000 * Number(timer.dataset.seconds);
  const tick = () => {
    const left = Math.max(0, Math.round((end - performance.now()) / 1000));
    timer.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    if (left > 0) setTimeout(tick, 1000);
  };
  tick();
}

function update(fresh) {
  for (const piece of document.querySelectorAll("[data-live]")) {
    const now = fresh.getElementById(piece.id);
    if (!now || now.dataset.state !== piece.dataset.state) return location.reload();
    // Unchanged parts are not replaced, so that they keep the focus and screen readers do not repeat them.
    if (now.innerHTML !== piece.innerHTML && !piece.contains(document.activeElement)) piece.innerHTML = now.innerHTML;
  }
}

async function refresh() {
  try {
    const answer = await fetch(location.pathname, { credentials: "same-origin" });
    if (answer.redirected) return location.reload();
    if (answer.ok) update(parser.parseFromString(await answer.text(), "text/html"));
  } catch {
    // The server did not answer; the next request may succeed.
  }
}

document.querySelectorAll("[data-seconds]").forEach(countDown);
setInterval(() => { if (!document.hidden) refresh(); }, INTERVAL);
