// Connects the forms for passkeys with django-allauth's script, which asks the browser. A form without it stays hidden.
const form = document.querySelector("[data-passkey]");
const supported = Boolean(window.PublicKeyCredential && navigator.credentials);

function say(sentence) {
  for (const each of document.querySelectorAll("[data-passkey-problem]")) {
    each.textContent = sentence;
    each.hidden = !sentence;
  }
}

function sentenceFor(error) {
  if (error && error.name === "InvalidStateError") return "This device already has a passkey for your account.";
  if (error && error.name === "SecurityError") return "Browsers only allow passkeys over HTTPS, at this installation’s address.";
  if (error && error.name === "NotAllowedError") return "No passkey was used. Try again, or choose another way.";
  return "The passkey did not work. Try again, or choose another way.";
}

if (form && supported) {
  form.hidden = false;
  const button = form.querySelector("#use-passkey");
  button.addEventListener("click", () => say(""));
  window.allauth.webauthn.forms[form.dataset.passkey]({
    ids: {
      login: "use-passkey",
      add: "use-passkey",
      authenticate: "use-passkey",
      credential: "passkey-credential",
      passwordless: "passwordless",
      data: "passkey-options",
    },
  });
} else if (form) {
  for (const each of document.querySelectorAll("[data-without-passkeys]")) each.hidden = false;
}

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  say(sentenceFor(event.detail.exception));
});
