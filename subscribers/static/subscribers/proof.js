// Solves the challenge of the sign-up form while a person fills it in. Only served if the site uses proof of work.
(async () => {
  const field = document.querySelector("input[name=proof]");
  const form = field.form;
  const { algorithm, challenge, maxnumber, salt, signature } = JSON.parse(field.dataset.challenge);
  const encoder = new TextEncoder();
  const hash = async (number) => {
    const digest = await crypto.subtle.digest(algorithm, encoder.encode(salt + number));
    return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  };
  let waiting = null;
  form.addEventListener("submit", (event) => {
    if (field.value) return;
    event.preventDefault();
    waiting = event.submitter;
    form.setAttribute("aria-busy", "true");
  });
  for (let number = 0; number <= maxnumber; number += 1) {
    if ((await hash(number)) === challenge) {
      field.value = btoa(JSON.stringify({ algorithm, challenge, number, salt, signature }));
      if (waiting) form.requestSubmit(waiting);
      return;
    }
  }
})();
