// The value of a condition is a date field while its verb compares dates, such as “since”. Without this script, a page that is
// shown again has the right field. Once a condition is changed, what was wrong with it is no longer shown.

const DATE = /^(\d{4}-\d{2}-\d{2})?$/;

function follow(condition) {
  const how = condition.querySelector(".condition-how");
  const value = condition.querySelector("input[name^=value-]");
  const verbs = JSON.parse(how.dataset.dateVerbs ?? "[]");
  const isDate = verbs.includes(how.querySelector("select[name^=verb-]").value) && DATE.test(value.value);
  // A date field would drop what is not a date.
  if (value.type !== (isDate ? "date" : "text")) value.type = isDate ? "date" : "text";
}

function forgetErrors(condition) {
  for (const field of condition.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    field.closest(".field").classList.remove("wrong");
  }
  for (const error of condition.querySelectorAll(".field-error")) error.hidden = true;
}

const conditions = document.getElementById("conditions");
// On the way down, before the form is counted.
conditions?.addEventListener("change", (event) => {
  const condition = event.target.closest(".condition");
  if (condition) forgetErrors(condition);
  if (event.target.name?.startsWith("verb-")) follow(event.target.closest(".condition"));
}, true);
conditions?.addEventListener("htmx:afterSettle", () => conditions.querySelectorAll(".condition").forEach(follow));
