// What makes pages smoother. Everything works without this file; nothing here decides anything.
(() => {
  "use strict";

  // A draft: what was chosen in a form, kept in this tab until it is sent. Never a text field: names stand there.
  const KEPT = "select,input[type=radio],input[type=checkbox],input[type=date],input[type=number]";
  const placeOf = (form) => `draft ${location.pathname} ${form.dataset.draft}`;
  const choices = (form) => [...form.querySelectorAll(KEPT)];
  const isMark = (field) => /radio|checkbox/.test(field.type);
  // A mark is known by what it says, never by its place: a list may be another one when it comes back.
  const nameOf = (field, n) => `${field.name} ${isMark(field) ? field.value : n}`;

  const keep = (form) => {
    const said = choices(form).map((field, n) => [nameOf(field, n), isMark(field) ? field.checked : field.value]);
    sessionStorage.setItem(placeOf(form), JSON.stringify(said));
  };

  const restore = (form) => {
    const held = new Map(JSON.parse(sessionStorage.getItem(placeOf(form)) || "[]"));
    const fields = choices(form);
    if (held.size !== fields.length || !fields.every((field, n) => held.has(nameOf(field, n)))) return;
    fields.forEach((field, n) => {
      if (isMark(field)) field.checked = held.get(nameOf(field, n));
      else field.value = held.get(nameOf(field, n));
    });
  };

  const forget = () => Object.keys(sessionStorage).filter((k) => k.startsWith("draft ")).forEach((k) => sessionStorage.removeItem(k));

  if (document.querySelector(".thanks,[data-forget]")) forget();
  else if (!document.querySelector(".summary")) document.querySelectorAll("form[data-draft]").forEach(restore);

  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-draft]");
    if (form) keep(form);
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });

  // Away at once: the session ends behind one's back, and going back leads nowhere.
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-exit]");
    if (!form) return;
    event.preventDefault();
    forget();
    fetch(form.action, { method: "post", keepalive: true, headers: { "Content-Type": "application/x-www-form-urlencoded" } }).catch(() => {});
    location.replace(form.dataset.exit);
  });

  // What is wrong is read first.
  document.querySelector(".summary")?.focus();
})();
