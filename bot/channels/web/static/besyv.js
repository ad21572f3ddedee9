// Two comforts; everything works without: how much room is left in a text, and «Kopiér». Words come from the page.
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
