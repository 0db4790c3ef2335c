// What Lighthouse says of pages on a slow phone: `node lighthouse.mjs ADDRESS…` writes, for each, a line of JSON with
// its scores and what was not full of them.
import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";

const flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"];

function faults({ categories, audits }) {
  const counted = Object.values(categories).flatMap(({ auditRefs }) => auditRefs.filter(({ weight }) => weight > 0));
  const bad = counted.map(({ id }) => audits[id]).filter(({ score }) => score !== null && score < 1);
  return bad.map(({ id, displayValue, details }) => [id, displayValue, details?.items?.slice(0, 3)]);
}

async function report(address) {
  const chrome = await launch({ chromePath: process.env.CHROME_PATH, chromeFlags: flags });
  const { lhr } = await lighthouse(address, { port: chrome.port, output: "json", logLevel: "silent" });
  await chrome.kill();
  return lhr;
}

for (const address of process.argv.slice(2)) {
  let lhr = await report(address);
  if (lhr.runtimeError) lhr = await report(address); // Chromium painted nothing in time: there is no measure
  const scores = Object.entries(lhr.categories).map(([name, { score }]) => [name, Math.round(score * 100)]);
  console.log(JSON.stringify({ address, scores: Object.fromEntries(scores), faults: faults(lhr), error: lhr.runtimeError }));
}
