// Fields that only count with one of two radio buttons: changing such a field selects its button, and says so.
//
// The fields are in an element with data-turns-on (the id of the button with which they count) and data-otherwise (the id
// of the other). Somebody who selects the other button afterwards does not want the fields: the form says that by its
// hidden field `set_aside`, because the server refuses fields that would not count (set_aside_fields.py).

function start(fields) {
  const [on, otherwise] = [fields.dataset.turnsOn, fields.dataset.otherwise].map((id) => document.getElementById(id));
  const setAside = on.form.elements.set_aside;
  const said = document.createElement("p");
  said.className = "hint";
  said.setAttribute("role", "status");
  on.closest("fieldset").append(said);

  // While the event is on its way down, so that a form that is counted at each change has the new choice.
  const turnOn = () => {
    setAside.value = "";
    if (on.checked) return;
    on.checked = true;
    said.textContent = `We selected “${on.labels[0].textContent.trim()}”, because you made changes below.`;
  };
  fields.addEventListener("input", turnOn, true);
  fields.addEventListener("change", turnOn, true);
  for (const button of [on, otherwise]) {
    button.addEventListener("change", () => {
      setAside.value = button === otherwise ? "yes" : "";
      said.textContent = "";
    });
  }
}

document.querySelectorAll("[data-turns-on]").forEach(start);
