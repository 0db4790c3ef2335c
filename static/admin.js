// Fixes labels and headings in Django's admin for screen readers, also in rows that are added later.
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
