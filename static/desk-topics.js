// The trees of topics: keys and dragging. Without it, the buttons and the form do the same.
"use strict";

{  // its names are its own: other scripts of the page have some of them too
  const EDGE = 0.35;  // of a row's height, above which a topic goes before it
  const KEYS = { ArrowUp: "up", ArrowDown: "down", ArrowRight: "in", ArrowLeft: "out" };
  let dragged = null;

  const rows = () => [...document.querySelectorAll("#tree .tree-row")];
  const linkOf = (row) => row.querySelector("a[id]");

  document.addEventListener("keydown", (event) => {
    const row = event.target.closest?.("#tree .tree-row");
    if (!row || !(event.key in KEYS) || event.ctrlKey || event.altKey || event.metaKey) {
      return;
    }
    if (event.shiftKey) {
      event.preventDefault();
      linkOf(row).focus();
      row.querySelector(`button[value="${KEYS[event.key]}"]`)?.click();
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      event.preventDefault();
      const all = rows();
      const next = all[all.indexOf(row) + (event.key === "ArrowUp" ? -1 : 1)];
      (next ? linkOf(next) : linkOf(row)).focus();
    }
  });

  function place(event) {
    const row = event.target.closest?.("#tree .tree-row");
    if (!row || !dragged || row === dragged) {
      return null;
    }
    const { top, height } = row.getBoundingClientRect();
    return [row, event.clientY - top < height * EDGE ? "before" : "below"];
  }

  function unmark() {
    document.querySelectorAll(".drop-before, .drop-below").forEach((row) => {
      row.classList.remove("drop-before", "drop-below");
    });
  }

  document.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.(".tree-row[draggable]") ?? null;
    if (dragged) {
      event.dataTransfer.setData("text/plain", linkOf(dragged).textContent);
      event.dataTransfer.effectAllowed = "move";
    }
  });

  document.addEventListener("dragover", (event) => {
    const found = place(event);
    unmark();
    if (found) {
      event.preventDefault();
      found[0].classList.add(`drop-${found[1]}`);
    }
  });

  document.addEventListener("drop", (event) => {
    const found = place(event);
    if (!found) {
      return;
    }
    event.preventDefault();
    const form = dragged.querySelector("form");
    const values = {
      csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value,
      topic: form.elements.topic.value,
      do: found[1],
      at: found[0].closest("li").dataset.topic,
    };
    unmark();
    htmx.ajax("POST", document.getElementById("tree").dataset.address, { target: "#tree", swap: "outerHTML", values });
  });

  document.addEventListener("dragend", () => {
    unmark();
    dragged = null;
  });
}
