// What the person sees when a text cannot simply be saved: both texts and a choice, or a text that has no field any more.

import { forgetText, isOpenElsewhere, keptTexts } from "./kept_texts.js";
import { postFields } from "./save_requests.js";

function make(tag, properties = {}, ...inside) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...inside);
  return element;
}

function button(text, act, kind = "quiet") {
  const element = make("button", { type: "button", textContent: text });
  element.className = `button ${kind}`;
  element.addEventListener("click", act);
  return element;
}

// The pieces of a comparison, as words that were taken out and put in.
function compared(pieces) {
  const text = make("div", { dir: "auto" });
  text.className = "compared";
  for (const [edit, words] of pieces) {
    text.append(edit === "same" ? words : make(edit === "added" ? "ins" : "del", { textContent: words }));
  }
  return text;
}

// Ask below the field. `act.mine` and `act.theirs` do what was chosen.
export function showChoice(field, answer, act) {
  document.getElementById(`choice-${field.name}`)?.remove();
  const isConflict = answer.state === "conflict";
  const panel = make("div", { id: `choice-${field.name}` });
  panel.className = "text-choice";
  panel.setAttribute("role", "group");
  const heading = make("h3", {
    id: `choice-${field.name}-title`,
    textContent: isConflict ? "Which text do you want to keep?" : "This issue is approved",
  });
  panel.setAttribute("aria-labelledby", heading.id);
  panel.append(heading, make("p", { textContent: answer.sentence }));
  if (isConflict) {
    const theirs = make("textarea", { readOnly: true, value: answer.theirs, rows: Math.min(8, 1 + answer.theirs.split("\n").length), dir: "auto" });
    theirs.id = `choice-${field.name}-theirs`;
    panel.append(
      make("label", { htmlFor: theirs.id, textContent: `${answer.label}, ${answer.at}` }),
      theirs,
      make("details", {}, make("summary", { textContent: "Differences" }), compared(answer.words)),
    );
  }
  const close = (then) => () => {
    panel.remove();
    then();
  };
  const actions = make("div", {}, button(isConflict ? "Keep my text" : "Save and withdraw the approval", close(act.mine), "primary"));
  actions.className = "actions";
  actions.append(button(isConflict ? "Use the other text" : "Remove my change", close(act.theirs)));
  panel.append(actions);
  const place = field.element.closest(".field") || field.element;
  (place.parentElement.querySelector(`[data-save-mark="${CSS.escape(field.name)}"]`)?.closest(".under-field") || place).after(panel);
  // It may lie below the screen, and nothing typed is saved before the person has chosen.
  panel.tabIndex = -1;
  if ([field.element, document.body].includes(document.activeElement)) panel.focus({ preventScroll: true });
  panel.scrollIntoView({ block: "nearest" });
}

// Texts of this issue whose field is not on this page: save them from here. If that is not possible, say where they are,
// or show them if their field is gone.
export async function showKeptTexts(namesHere) {
  const scope = document.querySelector("[data-autosave-to]");
  if (!scope) return;
  const { autosaveAccount: account, autosaveIssue: issue } = scope.dataset;
  const here = new Set(namesHere());
  for (const record of keptTexts(account, issue)) {
    if (here.has(record.field) || isOpenElsewhere(record)) continue;
    const { field, text, version, sent } = record;
    const answer = await postFields(scope.dataset.autosaveTo, { field, text, started_from: version, sent, account });
    if (answer.state === "saved") {
      forgetText(record);
      continue;
    }
    const isTheirPage = record.page === location.pathname + location.search;
    const note = make("div", {});
    note.className = "message kept-text";
    const sentence = make("p", { textContent: `${record.label} is not saved. Your text is kept in this browser. ` });
    note.append(sentence);
    if (isTheirPage) {
      const text = make("textarea", { readOnly: true, value: record.text, rows: 4, dir: "auto" });
      text.setAttribute("aria-label", `${record.label}, not saved`);
      const remove = button("Remove it", () => {
        forgetText(record);
        note.remove();
      });
      const copy = button("Copy", () => {
        text.select();
        navigator.clipboard?.writeText(record.text);
      });
      const actions = make("div", {}, copy, remove);
      actions.className = "actions";
      note.append(make("p", { textContent: "This text cannot be saved: the issue can no longer be changed, or the text is no longer part of it." }), text, actions);
    } else {
      sentence.append(make("a", { href: `${record.page}#${record.id}`, textContent: "Go to this text" }));
    }
    scope.prepend(note);
  }
}
