// Texts that the server does not have yet, kept in this browser: for each person, issue, field and tab.
// Only the person who typed a text gets it back, and logging out removes it.

const PREFIX = "desk-kept:";
const LOGGED_OUT = "desk-logged-out";
const DAYS = 30;
const tab = ofThisTab();
const loggedOut = new Set();

function ofThisTab() {
  try {
    const known = sessionStorage.getItem("desk-tab") || Math.random().toString(36).slice(2);
    sessionStorage.setItem("desk-tab", known);
    return known;
  } catch {
    return "only";
  }
}

function keyOf({ account, issue, field }) {
  return `${PREFIX}${account}:${issue}:${field}:${tab}`;
}

// Keep a text. Returns whether the browser has it: storage can be full or switched off.
export function keepText(record) {
  if (loggedOut.has(record.account)) return false;
  try {
    localStorage.setItem(keyOf(record), JSON.stringify({ ...record, at: Date.now() }));
    return true;
  } catch {
    return false;
  }
}

export function forgetText(record) {
  try {
    localStorage.removeItem(record.key || keyOf(record));
  } catch {
    // Then nothing was kept either.
  }
}

// All texts of a person, newest first; with an issue, only those of that issue.
export function keptTexts(account, issue) {
  const found = [];
  try {
    for (const key of Object.keys(localStorage).filter((each) => each.startsWith(PREFIX))) {
      const record = JSON.parse(localStorage.getItem(key));
      if (Date.now() - record.at > DAYS * 86_400_000) localStorage.removeItem(key);
      else if (record.account === account && (!issue || record.issue === issue)) found.push({ ...record, key, mine: key.endsWith(`:${tab}`) });
    }
  } catch {
    return found;
  }
  return found.sort((one, other) => other.at - one.at);
}

// Another tab may still have this text on its page: then that tab saves it.
export function isOpenElsewhere(record) {
  return !record.mine && !record.closed && Date.now() - record.at < 15_000;
}

export function hasLoggedOut(account) {
  return loggedOut.has(account);
}

// Logging out removes the person's texts from this browser, in every tab.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-log-out]") || event.defaultPrevented) return;
  const account = form.dataset.logOut;
  const texts = keptTexts(account);
  if (texts.length) {
    const labels = [...new Set(texts.map((each) => each.label))].join(", ");
    const sentence = `Some text is not saved yet: ${labels}. If you log out now, this text will be removed from your browser. Log out?`;
    if (!confirm(sentence)) return event.preventDefault();
  }
  texts.forEach(forgetText);
  loggedOut.add(account);
  try {
    localStorage.setItem(LOGGED_OUT, JSON.stringify({ account, at: Date.now() }));
  } catch {
    // Other tabs keep what they have; they cannot keep it in the browser either.
  }
});

window.addEventListener("storage", (event) => {
  if (event.key === LOGGED_OUT && event.newValue) loggedOut.add(JSON.parse(event.newValue).account);
});
