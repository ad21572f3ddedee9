// Four comforts; everything works without: how much room is left in a text, a choice that stands alone, «Kopiér», and
// passkeys. Words come from the page.
"use strict";

for (const told of document.querySelectorAll("[data-for]")) {
  const field = document.getElementById(told.dataset.for);
  if (!field) continue;
  const most = Number(told.dataset.most);
  const tell = () => {
    const count = [...field.value].length;
    told.hidden = count === 0;
    told.textContent = told.dataset.says.replace("{count}", count.toLocaleString(document.documentElement.lang));
    told.classList.toggle("over", count > most);
    // Read aloud only when room runs out: a number at every key is noise.
    told.setAttribute("aria-live", count > most * 0.9 ? "polite" : "off");
  };
  field.addEventListener("input", tell);
  addEventListener("pageshow", tell); // a browser may put back what was typed
  tell();
}

// The last tick wins: one that stands alone unticks the others, and any other unticks it. Without a script the form is
// refused, and says so.
for (const alone of document.querySelectorAll("[data-alone]")) {
  const boxes = [...alone.form.querySelectorAll('input[name="choice"]')].filter((box) => box !== alone);
  alone.addEventListener("change", () => {
    if (alone.checked) boxes.forEach((box) => (box.checked = false));
  });
  boxes.forEach((box) =>
    box.addEventListener("change", () => {
      if (box.checked) alone.checked = false;
    }),
  );
}

for (const button of document.querySelectorAll("[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  if (!source) continue;
  const label = button.textContent;
  button.hidden = false;
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    getSelection().selectAllChildren(source);
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
    } catch {
      if (!document.execCommand("copy")) return; // it stays selected, to be copied by hand
    }
    button.textContent = button.dataset.done;
    setTimeout(() => (button.textContent = label), 3000);
  });
}

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

for (const form of document.querySelectorAll("[data-passkey]")) {
  if (!window.PublicKeyCredential) continue; // the page says so
  const [button, failed] = [form.querySelector("button"), document.getElementById("passkey-failed")];
  const options = JSON.parse(form.dataset.options);
  options.challenge = bytes(options.challenge);
  if (options.user) options.user.id = bytes(options.user.id);
  for (const known of [...(options.excludeCredentials ?? []), ...(options.allowCredentials ?? [])]) {
    known.id = bytes(known.id);
  }
  button.hidden = false;
  document.getElementById("passkey-none").hidden = true;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    failed.hidden = true;
    try {
      const call = form.dataset.passkey === "make" ? "create" : "get";
      const key = await navigator.credentials[call]({ publicKey: options });
      const response = {};
      for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
        if (key.response[name]) response[name] = text(key.response[name]);
      }
      form.elements.credential.value = JSON.stringify({ id: key.id, rawId: text(key.rawId), type: key.type, response });
      form.submit(); // past this listener
    } catch {
      failed.hidden = false; // they said no, or the device has no key
    }
  });
}
