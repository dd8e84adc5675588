// What changes the contents goes to the server one request after another. An act during a request is kept until the response
// comes, because htmx would drop it when the response replaces the form.

const waiting = [];
let busy = false;
let isNext = false; // while a kept act is sent

const isContents = (event) => event.detail.target?.id === "contents";

// Ask for a change now, or after those that are under way.
export function change(path, values) {
  if (busy) waiting.push({ path, values });
  else post({ path, values });
}

export const isBusy = () => busy;

function post({ verb = "POST", path, values }) {
  const section = document.getElementById("contents");
  isNext = true;
  // What failed is said after each request, by contents.js and shell.js.
  window.htmx.ajax(verb, path, { source: section, target: section, swap: "outerHTML", values }).catch(() => {});
  isNext = false;
}

document.body.addEventListener("htmx:beforeRequest", (event) => {
  if (!isContents(event)) return;
  if (isNext || !busy) {
    busy = true;
    return;
  }
  event.preventDefault();
  const { verb, path, formData } = event.detail.requestConfig;
  waiting.push({ verb: verb.toUpperCase(), path, values: formData });
});

// A response in between shows rows where nobody left them. The last one has everything.
document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (isContents(event) && waiting.length && event.detail.xhr.status < 300) event.detail.shouldSwap = false;
});

document.body.addEventListener("htmx:afterRequest", (event) => {
  if (!isContents(event)) return;
  if (!event.detail.successful) waiting.length = 0;
  const next = waiting.shift();
  busy = Boolean(next);
  // htmx ends its own lock on the section only after this event.
  if (next) setTimeout(post, 0, next);
});
