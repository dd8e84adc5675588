// Follows the state of an issue: open pages say what has happened to it meanwhile, and shut what no longer works.

const INTERVAL = 3000;
const PARTS_THAT_FOLLOW = ["review", "send"];
const parser = new DOMParser();
const head = () => document.getElementById("issue-state");

function countDown(timer) {
  if (timer.dataset.started) return;
  timer.dataset.started = "yes";
  const end = performance.now() + 1000 * Number(timer.dataset.seconds);
  const tick = () => {
    const left = Math.max(0, Math.round((end - performance.now()) / 1000));
    timer.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    if (left > 0 && timer.isConnected) setTimeout(tick, 1000);
  };
  tick();
}

const hasTyped = (part) => [...part.querySelectorAll("input, textarea, select")].some((field) => {
  if (field.type === "hidden" || field.classList.contains("date-picker")) return false;
  if (field.matches("[type=checkbox], [type=radio]")) return field.checked !== field.defaultChecked;
  return field.tagName !== "SELECT" && field.value !== field.defaultValue;
});

// Nothing typed is thrown away, and the focus stays where it is if the same thing is still there.
function replacePart(fresh) {
  const part = document.getElementById("part");
  const inside = part.contains(document.activeElement) ? document.activeElement : null;
  const path = inside?.closest("form")?.getAttribute("action");
  const now = fresh.getElementById("part");
  part.replaceChildren(...now.childNodes);
  window.htmx?.process(part);
  if (inside) (document.getElementById(inside.id) ?? part.querySelector(`form[action="${path}"] button`))?.focus({ preventScroll: true });
}

// An issue that was sent has a report.
function replaceTabs(fresh) {
  const [tabs, now] = [document, fresh].map((page) => page.querySelector("main nav.tabs"));
  if (!tabs || !now || tabs.innerHTML === now.innerHTML) return;
  const focused = tabs.contains(document.activeElement) ? document.activeElement.getAttribute("href") : "";
  tabs.innerHTML = now.innerHTML;
  if (focused) tabs.querySelector(`a[href="${focused}"]`)?.focus({ preventScroll: true });
}

function shut(part) {
  for (const button of part.querySelectorAll("button[type=submit], input[type=file]")) button.disabled = true;
  part.dataset.shut = "yes";
}

function say(sentence, { reload = false } = {}) {
  const place = document.getElementById("issue-moved");
  const said = document.createElement("p");
  said.className = "message";
  said.textContent = `${sentence} `;
  if (reload) {
    const link = document.createElement("a");
    link.href = location.pathname;
    link.textContent = "Reload the page";
    said.append(link);
  }
  place.replaceChildren(said);
}

function follow(fresh, toCome, asked) {
  const [before, now] = [document.getElementById("state-badge").textContent, fresh.getElementById("state-badge")?.textContent];
  const name = head().dataset.part;
  const focused = head().contains(document.activeElement);
  head().replaceWith(fresh.getElementById("issue-state"));
  if (focused) head().querySelector("button, a")?.focus({ preventScroll: true });
  replaceTabs(fresh);
  const part = document.getElementById("part");
  // Once the issue is being sent, a time or a test address that somebody began to type is of no use: show the progress.
  const begins = !toCome && part.querySelector("#when, [name=to]") !== null;
  // A part that only shows what can no longer be changed is loaded again: it has other tabs now, and no handles.
  if (!PARTS_THAT_FOLLOW.includes(name) && !toCome && before !== now && !hasTyped(part)) return location.reload();
  if (PARTS_THAT_FOLLOW.includes(name) && (begins || !hasTyped(part))) replacePart(fresh);
  else if (before !== now) say(`This issue is now “${now.trim()}”.${hasTyped(part) ? " What you typed is still here." : ""}`, { reload: true });
  if (!PARTS_THAT_FOLLOW.includes(name) && !toCome) shut(part);
  document.querySelectorAll("[data-seconds]").forEach(countDown);
  document.dispatchEvent(new CustomEvent("issue:changed", { detail: { fresh, asked } }));
}

let busy = false;
let wasAway = false; // whether the server did not answer last time
async function look() {
  if (busy || document.hidden || !head()) return;
  busy = true;
  const asked = performance.now();
  try {
    const answer = await fetch(head().dataset.issueState, { credentials: "same-origin" });
    if (!answer.ok || answer.redirected) return;
    if (wasAway) document.dispatchEvent(new CustomEvent("issue:reachable"));
    wasAway = false;
    const mark = await answer.text();
    if (mark === head().dataset.fingerprint) return;
    const page = await fetch(location.pathname + location.search, { credentials: "same-origin" });
    if (page.ok && !page.redirected) follow(parser.parseFromString(await page.text(), "text/html"), answer.headers.get("X-Issue-To-Come") === "yes", asked);
    else head().dataset.fingerprint = mark;
  } catch {
    wasAway = true; // The next request may succeed.
  } finally {
    busy = false;
  }
}

// The calendar shows the time that the words mean.
document.body.addEventListener("htmx:afterSettle", () => {
  document.querySelectorAll("[data-seconds]").forEach(countDown);
  const local = document.getElementById("understood")?.dataset.local;
  const picker = document.querySelector("#when .date-picker");
  if (local && picker) picker.value = local;
});
document.querySelectorAll("[data-seconds]").forEach(countDown);
setInterval(look, INTERVAL);
document.addEventListener("visibilitychange", look);
