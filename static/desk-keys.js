// Keys for what is in the part of the page that takes them: each presses the button or link that names it. Without it,
// the buttons and links are there.
"use strict";

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  const isTyping = target.matches("input:not([type=checkbox], [type=radio]), select, textarea");
  const isOnButton = key === "Enter" && target.matches("a, button, summary");
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.repeat || isTyping || isOnButton) {
    return;
  }
  const named = [...document.querySelectorAll("main [data-key]")];
  const found = named.find((one) => one.dataset.key.split(" ").includes(key));
  if (found) {
    event.preventDefault();
    if (!document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling")) {  // one decision at a time
      found.click();
    }
  }
});

// What went wrong is said: a page that is swapped in place says nothing by itself.
const sayTrouble = (why) => {
  document.getElementById("said").textContent = `Nothing was changed: ${why} Reload this page.`;
};
document.addEventListener("htmx:responseError", ({ detail }) => sayTrouble(`the site answered ${detail.xhr.status}.`));
document.addEventListener("htmx:sendError", () => sayTrouble("the site does not answer."));
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.xhr.responseURL.includes("/login/")) {
    detail.shouldSwap = false;
    sayTrouble("you are logged out. Log in in another window.");
  }
});
