// The email beside the parts: it loads again when the issue changes, keeps its place, and leads to the item clicked on.

const pane = () => document.querySelector("[data-email-pane]");
const key = (name) => `email ${name} ${pane().dataset.contents}`;
const linkOf = (url) => { try { const at = new URL(url); return at.host + at.pathname.replace(/\/$/, "") + at.search; } catch { return ""; } };

// The page may not keep anything where the browser refuses storage; then the pane starts with its defaults each time.
function remember(name, value) {
  try { sessionStorage.setItem(key(name), value); } catch { /* Nothing is kept. */ }
}
function recall(name) {
  try { return sessionStorage.getItem(key(name)) ?? ""; } catch { return ""; }
}

function articleAt(element) {
  const articles = new Map([...document.querySelectorAll("#email-facts [data-place]")].map((each) => [linkOf(each.dataset.place), each.value]));
  for (let part = element; part && part.nodeType === Node.ELEMENT_NODE; part = part.parentElement) {
    const links = part.matches("a[href]") ? [part] : [...part.querySelectorAll("a[href]")];
    const found = new Set(links.map((link) => articles.get(linkOf(link.href))).filter(Boolean));
    if (found.size === 1) return [...found][0];
    if (found.size > 1) return "";
  }
  return "";
}

function select(article) {
  const item = document.getElementById(`entry-article-${article}`);
  if (!item) {
    location.assign(`${pane().dataset.contents}#entry-article-${article}`);
    return;
  }
  document.querySelector(".chosen-in-email")?.classList.remove("chosen-in-email");
  item.classList.add("chosen-in-email");
  item.scrollIntoView({ block: "center" });
  const goal = item.matches("a, button, [tabindex]") ? item : item.querySelector("a, button, [tabindex]") ?? item;
  if (goal === item && !item.hasAttribute("tabindex")) item.tabIndex = -1;
  goal.focus({ preventScroll: true });
}

function onClick(event) {
  event.preventDefault();
  const article = articleAt(event.target);
  if (article) select(article);
}

function onKey(event) {
  if (event.key === "Escape") document.querySelector("[data-enter-email]")?.focus();
}

// An email follows the theme of the machine; here it follows the view. Only the rules of the shown copy are changed.
function applyTheme(frame) {
  const inside = frame.contentDocument;
  if (!inside?.documentElement) return;
  const theme = document.getElementById("view-dark").checked ? "dark" : "light";
  inside.documentElement.style.colorScheme = theme;
  for (const sheet of inside.styleSheets) {
    for (const rule of sheet.cssRules) {
      if (!rule.media) continue;
      rule.written ??= rule.media.mediaText;
      rule.media.mediaText = rule.written.replace(/\(prefers-color-scheme:\s*(dark|light)\)/g, (_, wanted) => (wanted === theme ? "(min-width: 0px)" : "(max-width: 0px)"));
    }
  }
}

// Below 620 pixels an email takes its layout for phones. So a narrower pane shows it as wide as a mail program does, but
// smaller. On the screen of a phone it would be too small to read, so only the layout for phones is offered there.
const [DESKTOP, TOO_SMALL] = [680, 440];
function offerDesktop() {
  const [desktop, phone] = ["desktop", "phone"].map((name) => document.getElementById(`view-${name}`));
  const isHidden = pane().clientWidth < TOO_SMALL;
  if (!pane().clientWidth || isHidden === desktop.hidden) return;
  for (const each of [desktop, ...desktop.labels]) each.hidden = isHidden;
  if (isHidden && desktop.checked) phone.checked = true;
  else if (!isHidden && phone.checked && recall("view") !== "phone") desktop.checked = true;
}
function fit() {
  const box = document.getElementById("email-frames");
  if (!box) return;
  offerDesktop();
  const isSmaller = !document.getElementById("view-phone").checked && box.clientWidth >= TOO_SMALL;
  // On an element without an id: htmx copies the attributes of those with one, and the policy forbids that for styles.
  pane().style.setProperty("--scale", isSmaller ? Math.min(1, box.clientWidth / DESKTOP) : 1);
}
const fitting = new ResizeObserver(fit);

function prepare(frame) {
  const inside = frame.contentDocument;
  if (!inside || inside.URL === "about:blank" || inside.prepared) return;
  inside.prepared = true;
  applyTheme(frame);
  inside.addEventListener("click", onClick);
  inside.addEventListener("keydown", onKey);
  const place = `place ${frame.className}`;
  frame.contentWindow.scrollTo(0, Number(recall(place)));
  inside.addEventListener("scroll", () => remember(place, frame.contentWindow.scrollY), { passive: true });
  frame.dataset.ready = String(Number(frame.dataset.ready ?? 0) + 1);
}

function showAs(number) {
  remember("as", number);
  for (const frame of document.querySelectorAll("[data-frame], [data-frame-of-program]")) {
    const address = new URL(frame.src);
    if (number) address.searchParams.set("as", number); else address.searchParams.delete("as");
    if (address.href !== frame.src) frame.src = address.href;
  }
}

// One request at a time: another one that is wanted meanwhile follows, because its target is replaced by the first.
let [isAsking, asksAgain] = [false, false];
async function loadFacts() {
  if (isAsking) {
    asksAgain = true;
    return;
  }
  isAsking = true;
  try {
    await window.htmx?.ajax("GET", pane().dataset.facts, { target: "#email-facts", swap: "outerHTML" });
  } catch { /* shell.js says that the server did not answer. */ }
  isAsking = false;
  if (asksAgain && pane()) {
    asksAgain = false;
    loadFacts();
  }
}

// The frames load again only if the email has changed.
function onFacts() {
  const now = document.getElementById("email-facts")?.dataset.digest ?? "";
  const before = pane().dataset.digest;
  pane().dataset.digest = now;
  if (!before || before === now) return;
  for (const frame of document.querySelectorAll("[data-frame]")) {
    if (frame.contentDocument && frame.contentDocument.URL !== "about:blank") frame.contentWindow.location.reload();
  }
}

let timer = 0;
function refreshSoon() {
  clearTimeout(timer);
  timer = setTimeout(() => { if (pane()) loadFacts(); }, 150);
}

function start() {
  const here = pane();
  if (!here || here.dataset.started) return;
  here.dataset.started = "yes";
  for (const frame of here.querySelectorAll("[data-frame]")) {
    frame.addEventListener("load", () => prepare(frame));
    prepare(frame);
  }
  const view = recall("view") && document.getElementById(`view-${recall("view")}`);
  if (view) view.checked = true;
  here.querySelectorAll("[data-needs-scripts]").forEach((each) => { each.hidden = false; });
  here.querySelectorAll("[data-frame]").forEach(applyTheme);
  fitting.disconnect();
  fitting.observe(document.getElementById("email-frames"));
  const asked = new URL(location.href).searchParams.get("as");
  if (asked !== null) remember("as", asked);
  showAs(recall("as"));
  const facts = document.getElementById("email-facts");
  if (!facts.hasAttribute("hx-get") && facts.dataset.as !== recall("as")) refreshSoon();
  const enter = here.querySelector("[data-enter-email]");
  enter.hidden = false;
  enter.addEventListener("click", () => {
    const frame = [...here.querySelectorAll("[data-frame]")].find((each) => each.checkVisibility());
    frame.contentWindow.focus();
    frame.contentDocument.querySelector("a[href]")?.focus();
  });
}

document.addEventListener("change", (event) => {
  if (event.target.name !== "view") return;
  remember("view", event.target.value);
  document.querySelectorAll("[data-frame]").forEach(applyTheme);
  fit();
});
document.addEventListener("click", (event) => {
  const chosen = event.target.closest?.("[data-as], [data-as-nobody]");
  if (!chosen || !chosen.matches("a")) return;
  event.preventDefault();
  showAs(chosen.dataset.as ?? "");
  loadFacts();
});
// Every request for the facts is about the reader whom the frames show. Of several that are under way, only the answer to
// the last one is shown. The others are not ended, because htmx reports an ended request as an error.
let lastAsked = null;
const asksForFacts = ({ detail }) => detail.target?.id === "email-facts";
document.body.addEventListener("htmx:configRequest", (event) => {
  if (asksForFacts(event) && recall("as")) event.detail.parameters.as = recall("as");
});
document.body.addEventListener("htmx:beforeRequest", (event) => {
  if (asksForFacts(event)) lastAsked = event.detail.xhr;
});
document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (asksForFacts(event) && event.detail.xhr !== lastAsked) event.detail.shouldSwap = false;
});
document.body.addEventListener("htmx:afterSettle", (event) => {
  start();
  if (!pane()) return;
  if (event.detail.target.id === "email-facts" || event.detail.elt.id === "email-facts") onFacts();
  else if (!pane().contains(event.detail.target) && event.detail.requestConfig?.verb !== "get") refreshSoon();
});
document.addEventListener("autosave:saved", refreshSoon);
document.addEventListener("issue:changed", refreshSoon);
start();
