// Fixes labels and headings in Django's admin for screen readers, also in rows that are added later, and keeps drafts.
"use strict";

function nameOf(field) {
  if (field.labels.length) {
    return field.labels[0].textContent;
  }
  const cell = field.closest("td");
  const heading = cell && cell.closest("table").tHead.rows[0].cells[cell.cellIndex];
  return heading ? heading.textContent : field.name;
}

function nameAutocompletes() {
  for (const box of document.querySelectorAll(".select2-selection[aria-labelledby]")) {
    const select = box.closest(".select2-container").previousElementSibling;
    box.setAttribute("aria-describedby", box.getAttribute("aria-labelledby"));
    box.removeAttribute("aria-labelledby");
    box.setAttribute("aria-label", nameOf(select).replace(":", "").trim());
    const value = box.querySelector("[role=textbox]");
    value.removeAttribute("role");
    value.removeAttribute("aria-readonly");
  }
}

// Fields in tables of related rows have their column's heading as a label, but only visually.
function nameCells() {
  for (const field of document.querySelectorAll(".tabular td :is(input, select, textarea):not([type=hidden], [aria-label])")) {
    if (!field.labels.length) {
      field.setAttribute("aria-label", nameOf(field).replace("?", "").trim());
    }
  }
}

// Django's tables of related rows have empty heading cells for columns without a name.
function emptyHeadings() {
  for (const heading of document.querySelectorAll(".tabular th:empty")) {
    const cell = document.createElement("td");
    cell.className = heading.className;
    heading.replaceWith(cell);
  }
}

function fixLabels() {
  nameAutocompletes();
  nameCells();
  emptyHeadings();
}

fixLabels();
new MutationObserver(fixLabels).observe(document.body, { childList: true, subtree: true });

// What is done in slices goes on by itself.
for (const form of document.querySelectorAll("form[data-goes-on]")) {
  form.requestSubmit();
}

// Keeps what is typed in a form every few seconds (see articles/admin/drafts.py), and warns who leaves without saving.
function keepDrafts(mark) {
  const form = mark.closest("form");
  const token = form.elements.csrfmiddlewaretoken;
  const typed = () => {
    const fields = new FormData(form);
    for (const [name, value] of [...fields]) {
      if (name === token.name || typeof value !== "string") {
        fields.delete(name);
      }
    }
    return new URLSearchParams(fields).toString();
  };
  const first = typed();
  let kept = first;
  let isSending = false;
  let isLeaving = false;

  // A new log-in in another window makes the form's token useless: ask for another one.
  async function renewToken() {
    const answer = await fetch(mark.dataset.draft, { redirect: "manual" });
    if (answer.ok) {
      const found = (await answer.json()).token;
      document.getElementsByName(token.name).forEach((field) => { field.value = found; });
    }
    return answer.ok;
  }

  function send(values) {
    const { form: of, row } = mark.dataset;
    const body = new URLSearchParams({ form: of, row, values, [token.name]: token.value });
    return fetch(mark.dataset.draft, { method: "POST", body, redirect: "manual" });
  }

  async function keep() {
    const now = typed();
    if (now === kept || isSending || isLeaving) {
      return;
    }
    isSending = true;
    try {
      let answer = await send(now);
      const isOut = !answer.ok && !await renewToken();
      if (!answer.ok && !isOut) {
        answer = await send(now);
      }
      kept = answer.ok ? now : kept;
      mark.textContent = answer.ok ? "" : isOut
        ? "You are logged out, and what you type is not kept. Log in in another window, then go on here."
        : "What you type here cannot be kept: save it.";
    } catch {
      mark.textContent = "The site does not answer, so what you type is not kept.";
    }
    isSending = false;
  }

  if (!form.elements.draft_offered) {  // one draft at a time: the offered one stays until it is taken or thrown away
    setInterval(keep, 3000);
  }
  form.addEventListener("submit", () => { isLeaving = true; });
  addEventListener("pageshow", () => { isLeaving = false; });
  addEventListener("beforeunload", (event) => {
    if (!isLeaving && ("unsaved" in mark.dataset || typed() !== first)) {
      event.preventDefault();
    }
  });
}

document.querySelectorAll("[data-draft]").forEach(keepDrafts);
