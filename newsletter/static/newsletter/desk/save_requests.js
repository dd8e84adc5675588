// One request that saves one text, and what came of it, in words of our own: see autosave.js for what each means.

const SECONDS = 20;

export function csrfToken() {
  return JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || "";
}

function setCsrfToken(token) {
  document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
  for (const input of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) input.value = token;
}

function timeout() {
  return AbortSignal.timeout ? AbortSignal.timeout(SECONDS * 1000) : undefined;
}

// Post fields. A form token that is too old is renewed once, without the person noticing.
export async function postFields(address, fields, { keepalive = false } = {}) {
  const answer = await post(address, fields, keepalive);
  if (answer.state !== "forbidden") return answer;
  const renewed = await renewToken(address);
  return renewed.state === "renewed" ? post(address, fields, keepalive) : renewed;
}

async function post(address, fields, keepalive) {
  const body = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    for (const each of [value].flat()) body.append(name, each);
  }
  return answered(() => fetch(address, {
    method: "POST",
    body,
    headers: { "X-CSRFToken": csrfToken(), Accept: "application/json" },
    redirect: "manual",
    credentials: "same-origin",
    keepalive: keepalive && body.toString().length < 60_000,
    signal: keepalive ? undefined : timeout(),
  }));
}

async function renewToken(address) {
  const answer = await answered(() => fetch(address, {
    headers: { Accept: "application/json" },
    redirect: "manual",
    credentials: "same-origin",
    cache: "no-store",
    signal: timeout(),
  }));
  if (answer.csrf) {
    setCsrfToken(answer.csrf);
    return { state: "renewed" };
  }
  return answer;
}

async function answered(ask) {
  let response;
  try {
    response = await ask();
  } catch {
    return { state: navigator.onLine ? "unreachable" : "offline" };
  }
  if (response.type === "opaqueredirect" || response.status === 401) return { state: "logged-out" };
  const isOurs = (response.headers.get("Content-Type") || "").startsWith("application/json");
  if (isOurs) {
    try {
      return await response.json();
    } catch {
      return { state: "unreachable" };
    }
  }
  return { state: response.status === 403 ? "forbidden" : "unreachable" };
}
