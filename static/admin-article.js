// An article's form: shows what is typed to its editor as readers will see it, says at once whether we have an address
// already, and has keys for the list that the editor came from.
"use strict";

const articleForm = document.getElementById("article_form");
const frame = document.querySelector(".preview iframe");
const looks = [...document.querySelectorAll(".looks button")];

// What was typed, without files: those are shown when they are stored.
function typedFields() {
  const fields = new FormData(articleForm);
  for (const [name, value] of [...fields]) {
    if (typeof value !== "string") {
      fields.delete(name);
    }
  }
  return fields;
}

function afterTyping(milliseconds, act) {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(act, milliseconds);
  };
}

let look = looks[0];
let asked = 0;

async function preview() {
  const mine = ++asked;
  const body = typedFields();
  body.append("as", look.value);
  try {
    const answer = await fetch(look.formAction, { method: "POST", body: new URLSearchParams(body), redirect: "manual" });
    const html = answer.ok ? await answer.text() : "";
    if (html && mine === asked) {
      frame.srcdoc = html;
    }
  } catch {
    // The site does not answer: the draft's note says so.
  }
}

function choose(button) {
  look = button;
  looks.forEach((one) => one.toggleAttribute("aria-current", false));
  button.setAttribute("aria-current", "true");
  preview();
}

async function tellIfKnown(field, place) {
  const text = field.value.trim();
  if (!text) {
    place.textContent = "";
    return;
  }
  const address = `${document.querySelector("[data-known]").dataset.known}?${new URLSearchParams({ url: text })}`;
  const answer = await fetch(address, { redirect: "manual" }).catch(() => null);
  if (answer?.ok && field.value.trim() === text) {
    place.innerHTML = await answer.text();
  }
}

function onKey(event) {
  const { key, target } = event;
  if (event.altKey || event.isComposing) {
    return;
  }
  if (key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    (articleForm.querySelector("[name=_next]") ?? articleForm.querySelector("[name=_continue]"))?.click();
  } else if (!event.ctrlKey && !event.metaKey && !target.closest("input, select, textarea, .select2-container")) {
    document.querySelector(`[data-step="${CSS.escape(key)}"]`)?.click();
  } else if (key === "Escape") {
    target.blur();
  }
}

if (articleForm && frame) {
  const again = afterTyping(700, preview);
  articleForm.addEventListener("input", again);
  articleForm.addEventListener("change", again);
  django.jQuery(articleForm).on("change", again);  // Select2 tells only jQuery
  looks.forEach((button) => button.addEventListener("click", (event) => {
    event.preventDefault();
    choose(button);
  }));
  document.addEventListener("keydown", onKey);
  if (document.querySelector(".draft-told[data-unsaved]")) {
    preview();
  }
  const field = document.querySelector("[data-known] #id_web_url");
  if (field) {
    const place = document.createElement("div");
    place.className = "known";
    place.setAttribute("role", "status");
    field.closest(".form-row").append(place);
    field.addEventListener("input", afterTyping(200, () => tellIfKnown(field, place)));
  }
}
