// Lets a screen reader say a sentence that only sighted people would notice: it is added to a live region, #heard in
// layout.html. What is said twice is heard twice.

const KEPT = 10_000; // milliseconds

export function say(sentence) {
  const said = document.createElement("p");
  said.textContent = sentence;
  document.getElementById("heard").append(said);
  setTimeout(() => said.remove(), KEPT);
}
