// The first run: guesses the time zone, says that something is going on, and shows what was found.

const zone = document.querySelector("[data-guess-zone]");
if (zone) {
  const name = Intl.DateTimeFormat().resolvedOptions().timeZone;
  // Browsers still use some old names, such as Asia/Calcutta. The list has only today's.
  const guess = JSON.parse(zone.dataset.guessZone || "{}")[name] ?? name;
  if ([...zone.options].some((option) => option.value === guess)) zone.value = guess;
}

document.addEventListener("submit", (event) => {
  const words = event.target.dataset?.busy;
  if (!words) return;
  const button = event.target.querySelector("button[type=submit]");
  if (event.target.dataset.sent) return event.preventDefault();
  event.target.dataset.sent = "yes";
  button.setAttribute("aria-disabled", "true");
  const status = document.createElement("p");
  status.className = "small busy";
  status.setAttribute("role", "status");
  button.after(status);
  status.textContent = words;
});

// A page that comes back from the browser's memory can be used again.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("[data-sent]")) {
    delete form.dataset.sent;
    form.querySelector("button[type=submit]").removeAttribute("aria-disabled");
    form.querySelector(".busy")?.remove();
  }
});

document.querySelector("[data-focus]")?.focus();
