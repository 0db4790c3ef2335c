// The triage list: keys, and steps without a page load. Without it, every button is a form that leads back here.
"use strict";

const cards = document.getElementById("cards");
const said = document.getElementById("said");
const done = [];  // what was done on this page, for undo: pairs of a card's id and an action
const waiting = new Set();  // cards whose step is under way
const STAYING = ["undo", "topics", "boost"];  // steps after which there may be another on the same card
const MOST_RENEWED = 10;  // cards after a step

const items = () => [...cards.children];
const current = () => cards.querySelector("[aria-current]");

function choose(card) {
  if (!card) {
    return;
  }
  current()?.removeAttribute("aria-current");
  card.setAttribute("aria-current", "true");
  card.focus({ preventScroll: true });
  card.scrollIntoView({ block: "nearest" });
}

function move(by) {
  const all = items();
  const place = all.indexOf(current()) + by;
  choose(all[Math.min(Math.max(place, 0), all.length - 1)]);
  if (place >= all.length) {
    document.getElementById("next")?.focus();
  }
}

async function ask(address, options = {}) {
  const answer = await fetch(address, { ...options, headers: { "X-Desk": "1" }, redirect: "manual" });
  if (answer.ok) {
    return answer.text();
  }
  throw new Error(answer.type === "opaqueredirect" || answer.status === 403 ? said.dataset.refused : said.dataset.failed);
}

const here = (address) => `${address}?place=${encodeURIComponent(location.search.slice(1))}`;

function replace(id, html) {
  const old = document.getElementById(id);
  const wasCurrent = old.hasAttribute("aria-current");
  old.insertAdjacentHTML("afterend", html);
  const card = old.nextElementSibling;
  old.remove();
  if (wasCurrent) {
    choose(card);
  }
  return card;
}

// Cards of the same story say which article leads it: show them as they are now.
async function renewOthers(card, stories) {
  const others = items().filter((one) => one !== card && stories.has(one.dataset.story));
  for (const { id, dataset } of others.slice(0, MOST_RENEWED)) {
    const html = await ask(here(dataset.address)).catch(() => "");
    const isInUse = waiting.has(id) || document.getElementById(id).querySelector("details[open]");
    if (html && !isInUse) {
      replace(id, html);
    }
  }
}

// Those who decide go on at once: the answer may come later, and comes back to a card that has a question.
async function send(form, button) {
  const old = form.closest(".item");
  const { id, dataset: { story } } = old;
  const body = new FormData(form, button);
  const step = body.get("do");
  if (waiting.has(id)) {
    return;
  }
  waiting.add(id);
  if (old === current() && !STAYING.includes(step)) {
    move(1);
  }
  let card;
  try {
    card = replace(id, await ask(form.getAttribute("action"), { method: "POST", body: new URLSearchParams(body) }));
  } catch (error) {
    said.textContent = error.message;
    choose(old);
    said.scrollIntoView({ block: "nearest" });
    return;
  } finally {
    waiting.delete(id);
  }
  said.textContent = card.querySelector(".card-said, .question p")?.textContent ?? "";
  if ("waits" in card.dataset) {
    if (!document.activeElement.matches("input, select, textarea")) {  // who is typing goes on
      choose(card);
      card.querySelector(".question button")?.focus();
    }
    return;
  }
  const undone = done.findIndex(([, action]) => action === body.get("undoes"));
  if (step === "undo" && undone >= 0) {
    done.splice(undone, 1);
  } else if (step !== "undo" && card.dataset.action) {
    done.push([id, card.dataset.action]);
  }
  renewOthers(card, new Set([story, card.dataset.story].filter(Boolean)));
}

// The last step, on whatever card it was: its card shows it again.
function undo() {
  const [id, action] = done.at(-1) ?? [];
  if (!id) {
    said.textContent = said.dataset.nothing;
    return;
  }
  const form = document.getElementById(id).querySelector(".buttons");
  choose(form.closest(".item"));
  let field = form.elements.undoes;
  if (!field) {
    field = document.createElement("input");
    field.type = "hidden";
    field.name = "undoes";
    form.append(field);
  }
  field.value = action;
  const button = document.createElement("button");
  button.name = "do";
  button.value = "undo";
  form.append(button);
  form.requestSubmit(button);
}

function press(key) {
  const card = current() ?? items()[0];
  if (card !== current()) {
    choose(card);
  }
  const target = card?.querySelector(`[data-key="${key}"]`);
  if (key === "z") {
    undo();
  } else if (key === "o") {
    card?.querySelector(".open").click();
  } else if (target?.matches("button")) {
    target.click();
  } else if (target) {
    target.closest("details").open = true;
    target.focus();
    target.select();
  }
}

const KEYS = { j: () => move(1), k: () => move(-1), "/": () => document.getElementById("find").focus() };
KEYS["?"] = () => {
  const help = document.getElementById("help");
  help.open = !help.open;
  help.scrollIntoView({ block: "nearest" });
};

function onKey(event) {
  const { key, target } = event;
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) {
    return;
  }
  if (target.matches("input, select, textarea")) {
    if (key === "Escape") {
      choose(target.closest(".item") ?? current());
    }
    return;
  }
  if (key in KEYS || "opuxXqbtmlswz".includes(key)) {
    event.preventDefault();
    key in KEYS ? KEYS[key]() : press(key);
  }
}

async function find(form) {
  const place = form.nextElementSibling;
  try {
    place.innerHTML = await ask(`${form.getAttribute("action")}?${new URLSearchParams(new FormData(form))}`);
    place.querySelector("button")?.focus();
  } catch (error) {
    place.textContent = error.message;
  }
}

if (cards) {
  document.getElementById("bar")?.removeAttribute("hidden");
  cards.classList.add("quick");
  document.addEventListener("keydown", onKey);
  cards.addEventListener("submit", (event) => {
    event.preventDefault();
    const form = event.target;
    form.matches(".find") ? find(form) : send(form, event.submitter);
  });
  cards.addEventListener("click", (event) => {
    const card = event.target.closest(".item");
    if (event.target.closest(".cancel")) {
      event.preventDefault();
      ask(here(card.dataset.address)).then((html) => choose(replace(card.id, html)));
    } else if (card && card !== current()) {
      current()?.removeAttribute("aria-current");
      card.setAttribute("aria-current", "true");
    }
  });
  document.getElementById("bar")?.addEventListener("click", (event) => {
    const key = event.target.dataset.key;
    if (key) {
      press(key);
    }
  });
  choose(document.getElementById(location.hash.slice(1)) ?? items()[0]);
}
