// Sends files to be imported in parts, and goes on where it stopped before: see articles/desk/intake.py.
"use strict";

async function sendInParts(form) {
  const files = [...form.elements.files.files];
  const token = form.elements.csrfmiddlewaretoken.value;
  const headers = { "X-Desk": "1", "X-CSRFToken": token };
  const told = form.querySelector(".sending");
  const bar = told.querySelector("progress");
  const total = files.reduce((sum, file) => sum + file.size, 0) || 1;
  const problems = [];

  async function answered(address, options = {}) {
    const answer = await fetch(address, { headers, redirect: "manual", ...options });
    if (!(answer.headers.get("Content-Type") || "").includes("json")) {
      throw new Error(form.dataset.failed);
    }
    const found = await answer.json();
    if (!answer.ok) {
      problems.push(found.error);
    }
    return answer.ok ? found : null;
  }

  async function send(address, file, before) {
    const asked = new URLSearchParams({ name: file.name, size: file.size });
    let found = await answered(`${address}?${asked}`);
    let start = found ? found.received : -1;
    let is_first = true;
    while (start >= 0 && (start < file.size || is_first)) {
      is_first = false;
      bar.value = (before + start) / total;
      told.querySelector("span").textContent = `${form.dataset.said}: ${file.name}, ${Math.round(100 * bar.value)} %`;
      const body = new FormData();
      body.append("name", file.name);
      body.append("size", file.size);
      body.append("start", start);
      body.append("part", file.slice(start, start + Number(form.dataset.size)), "part");
      found = await answered(address, { method: "POST", body });
      start = found && found.received > start ? found.received : found && found.received >= file.size ? file.size : -1;
    }
  }

  told.hidden = false;
  let begun = { page: location.href, part: form.dataset.parts };
  if (!begun.part) {
    const fields = new FormData(form);
    fields.delete("files");
    begun = await answered(form.action, { method: "POST", body: fields });
  }
  let before = 0;
  for (const file of begun ? files : []) {
    await send(begun.part, file, before);
    before += file.size;
  }
  if (problems.length) {
    told.querySelector("span").textContent = problems.join(" ");
    return problems.length < files.length && begun ? begun : null;
  }
  return begun;
}

// Check what was sent: a form that the page could have sent without scripts.
function check(form, page) {
  const sent = document.createElement("form");
  sent.method = "post";
  sent.action = page;
  for (const [name, value] of [["csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value], ["do", "check"]]) {
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = name;
    field.value = value;
    sent.append(field);
  }
  document.body.append(sent);
  sent.submit();
}

for (const form of document.querySelectorAll("form[data-parts]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      const begun = await sendInParts(form);
      if (begun) {
        check(form, begun.page);
        return;
      }
    } catch (error) {
      form.querySelector(".sending span").textContent = form.dataset.failed;
    }
    button.disabled = false;
  });
}
