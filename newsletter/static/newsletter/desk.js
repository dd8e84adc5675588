// Counts down, and keeps what moves on a page as the server has it. Without a script the page loads itself anew.
"use strict";

const EVERY = 3000;
const parser = new DOMParser();

function countDown(clock) {
  const end = performance.now() + 1000 * Number(clock.dataset.seconds);
  const tick = () => {
    const left = Math.max(0, Math.round((end - performance.now()) / 1000));
    clock.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    if (left > 0) setTimeout(tick, 1000);
  };
  tick();
}

function takeOver(fresh) {
  for (const piece of document.querySelectorAll("[data-live]")) {
    const now = fresh.getElementById(piece.id);
    if (!now || now.dataset.state !== piece.dataset.state) return location.reload();
    // What is as it was stays untouched, so that it is not read out again and keeps the focus.
    if (now.innerHTML !== piece.innerHTML && !piece.contains(document.activeElement)) piece.innerHTML = now.innerHTML;
  }
}

async function look() {
  try {
    const answer = await fetch(location.pathname, { credentials: "same-origin" });
    if (answer.redirected) return location.reload();
    if (answer.ok) takeOver(parser.parseFromString(await answer.text(), "text/html"));
  } catch {
    // The server is away for a moment; the next look may find it.
  }
}

document.querySelectorAll("[data-seconds]").forEach(countDown);
setInterval(() => { if (!document.hidden) look(); }, EVERY);
