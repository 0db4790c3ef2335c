// The page of a story: how many articles are selected. Without it, all works the same.
"use strict";

{
  const form = document.getElementById("story");
  const selected = document.getElementById("selected");
  const count = () => {
    selected.hidden = false;
    selected.textContent = `${form.querySelectorAll("[name=article]:checked").length} ${selected.dataset.word}`;
  };
  if (selected) {
    form.addEventListener("change", count);
    document.addEventListener("htmx:afterSwap", count);
    count();
  }
}
