// Sends a file of people in parts, so that it may be large, shows how much has arrived, and goes on after a lost connection.
const PART = 4_000_000; // bytes; a request to the desk may have 16 MB
const WAITS = [1, 2, 4, 8, 15]; // seconds before each further attempt
const form = document.querySelector("form[data-import]");
const input = form.querySelector("input[type=file]");
const area = form.querySelector("[data-drop]");
const bar = form.querySelector("[data-upload]");
const problem = form.querySelector("[data-problem]");
let begun = null; // the file that the server has begun to receive, and its answer

const sleep = (seconds) => new Promise((resolve) => { setTimeout(resolve, 1000 * seconds); });
const megabytes = (bytes) => (bytes / 1_000_000).toFixed(bytes < 10_000_000 ? 1 : 0);

class RefusedError extends Error {}

async function post(address, fields) {
  const body = new FormData();
  body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  const answer = await fetch(address, { method: "POST", body, credentials: "same-origin", headers: { "HX-Request": "true" } });
  const isJson = answer.headers.get("Content-Type")?.startsWith("application/json");
  if (answer.status === 401 || answer.status === 403) throw new RefusedError("Your session has ended. Log in again in another tab, then select “Upload the file” again. We have kept what you have uploaded so far.");
  if (answer.status >= 500 && !isJson) throw new Error("The server did not answer.");
  if (!isJson) throw new RefusedError("The file was not uploaded. Reload the page, then choose the file again.");
  const document = await answer.json();
  if (!answer.ok) throw new RefusedError(document.sentence);
  return document;
}

// A part that did not arrive is sent again; the server says how much it has.
async function persistently(work) {
  for (const wait of WAITS) {
    try {
      return await work();
    } catch (error) {
      if (error instanceof RefusedError) throw error;
      bar.querySelector("[data-words]").textContent = "The connection was lost. We are trying again…";
      await sleep(wait);
    }
  }
  return work();
}

function show(received, size) {
  bar.hidden = false;
  bar.querySelector("progress").value = Math.floor((100 * received) / size);
  bar.querySelector("[data-words]").textContent = `${megabytes(received)} of ${megabytes(size)} MB`;
}

async function upload(file) {
  if (begun?.file !== file) begun = null;
  const fields = { parts: "yes", name: file.name, size: file.size, form_key: form.elements.form_key.value };
  begun ??= { file, answer: await persistently(() => post(form.action, fields)) };
  while (!begun.answer.is_whole) {
    const { parts, received } = begun.answer;
    show(received, file.size);
    const part = file.slice(received, received + PART);
    begun.answer = await persistently(() => post(parts, { from: received, part: new File([part], "part") }));
  }
  show(file.size, file.size);
  return begun.answer.page;
}

form.addEventListener("submit", async (event) => {
  const file = input.files[0];
  event.preventDefault();
  problem.hidden = true;
  const button = form.querySelector("button[type=submit]");
  if (!file) {
    problem.textContent = "Choose a file first.";
    problem.hidden = false;
    return input.focus();
  }
  button.disabled = true;
  try {
    const page = await upload(file);
    input.value = "";
    location.assign(page);
  } catch (error) {
    problem.textContent = error instanceof RefusedError ? error.message : "The connection was lost before the whole file arrived. To continue, select “Upload the file”.";
    problem.hidden = false;
    bar.hidden = true;
    button.disabled = false;
  }
});

form.querySelector("[data-drop-hint]").hidden = false;
for (const kind of ["dragenter", "dragover"]) area.addEventListener(kind, (event) => {
  if (!event.dataTransfer.types.includes("Files")) return;
  event.preventDefault();
  area.classList.add("dropping");
});
for (const kind of ["dragleave", "drop"]) area.addEventListener(kind, () => area.classList.remove("dropping"));
area.addEventListener("drop", (event) => {
  if (!event.dataTransfer.files.length) return;
  event.preventDefault();
  input.files = event.dataTransfer.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
});
