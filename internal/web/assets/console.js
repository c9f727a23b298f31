// The console works without this file; it only makes waiting visible.
"use strict";

// A form that calls a platform is sent once, and its button says that it waits.
document.addEventListener("submit", (e) => {
  const form = e.target;
  if (!form.matches("[data-once]")) return;
  if (form.dataset.sent) {
    e.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  const button = e.submitter || form.querySelector("button");
  if (button) {
    button.classList.add("btn-loading");
    button.setAttribute("aria-busy", "true");
  }
});

// Coming back with the browser's button shows the page as it was left.
window.addEventListener("pageshow", (e) => {
  if (!e.persisted) return;
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const b of form.querySelectorAll(".btn-loading")) b.classList.remove("btn-loading");
  }
});

// A list of choices that stands alone needs no button.
document.addEventListener("change", (e) => {
  const form = e.target.closest("form[data-auto]");
  if (form) form.requestSubmit();
});

// A menu closes when one taps beside it or presses Escape.
document.addEventListener("click", (e) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(e.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (e) => {
  if (e.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = false;
});

// What was just done is said once: a reload should not say it again.
if (new URLSearchParams(location.search).has("done")) {
  const u = new URL(location.href);
  u.searchParams.delete("done");
  history.replaceState(history.state, "", u);
}
