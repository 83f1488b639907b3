// The page: sends the photo to each network that is shown, and lays the two pictures over each other.
const $ = id => document.getElementById(id);
const photo = "Photo", smallestShare = 0.0005;      // what would be shown as 0.0 %
let models = [];
let file = null;
let photoUrl = null;
let sights = new Map();          // name of the network -> promise of what it sees
let aborter = new AbortController();
let shows = 0;                   // calls of show: only the last one shows what it got

models = (await (await fetch("/api/models")).json()).sort((a, b) => b.classes.length - a.classes.length);
for (const side of ["left", "right"]) {
  $(side).append(...[photo, ...models.map(model => model.name)].map(name => new Option(name)));
  $(side).addEventListener("change", show);
}
$("left").value = models[0]?.name ?? photo;
$("right").value = models.find(model => model.task === "saliency")?.name ?? models[1]?.name ?? photo;
for (const { name, terms } of models.filter(model => model.terms)) {
  const term = document.createElement("dt"), text = document.createElement("dd");
  [term.textContent, text.textContent] = [name, terms];
  $("terms").append(term, text);
}

$("file").addEventListener("change", () => take($("file").files[0]));
$("slider").addEventListener("input", () => $("compare").style.setProperty("--at", `${$("slider").value}%`));
for (const type of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(type, event => {
    event.preventDefault();
    $("drop").classList.toggle("over", type === "dragover");
    if (type === "drop") take(event.dataTransfer.files[0]);
  });
}

/** A new photo: what is under way for the one before is given up, and the server stops working on it. */
function take(chosen) {
  if (!chosen) return;
  aborter.abort();
  aborter = new AbortController();
  URL.revokeObjectURL(photoUrl);
  [file, photoUrl, sights] = [chosen, URL.createObjectURL(chosen), new Map()];
  $("choices").hidden = false;
  show();
}

/** What a network sees in the photo, asked for until there is an answer. */
function see(name) {
  if (!sights.has(name)) {
    const answer = fetch(`/api/models/${encodeURIComponent(name)}/sight`, {
      method: "POST", body: file, signal: aborter.signal, headers: { "Content-Type": file.type || "application/octet-stream" },
    }).then(async response => {
      const content = await response.json().catch(() => ({}));
      if (!response.ok) throw new Error(content.detail ?? content.title ?? `The server answers ${response.status}.`);
      return content;
    });
    sights.set(name, answer);
    answer.catch(() => sights.get(name) === answer && sights.delete(name));
  }
  return sights.get(name);
}

async function show() {
  if (!file) return;
  const mine = ++shows;
  const sides = ["left", "right"].map(side => ({ side, name: $(side).value }));
  document.body.classList.add("busy");
  try {
    const seen = await Promise.all(sides.map(({ name }) => name === photo ? null : see(name)));
    if (mine !== shows) return;
    sides.forEach(({ side, name }, i) => {
      $(`${side}Picture`).src = seen[i]?.overlay ?? photoUrl;
      $(`${side}Picture`).alt = seen[i] ? `The photo with what ${name} sees` : "The photo";
      $(`${side}Title`).textContent = name;
      $(`${side}About`).textContent = models.find(model => model.name === name)?.summary ?? "";
      $(`${side}Shares`).replaceChildren(...(seen[i]?.classes ?? []).filter(({ share }) => share >= smallestShare).map(share));
      $(`${side}Title`).parentElement.hidden = !seen[i];
    });
    const cut = seen.find(sight => sight?.cutOut);
    $("cut").hidden = !cut;
    if (cut) $("cutPicture").src = $("cutLink").href = cut.cutOut;
    $("time").textContent = sides.flatMap(({ name }, i) => seen[i] ? [`${name}: ${Math.round(seen[i].milliseconds)} ms`] : []).join(" · ");
    $("problem").hidden = true;
    $("result").hidden = false;
    $("drop").classList.add("small");
  } catch (error) {
    if (mine !== shows) return;
    $("problem").textContent = error.message;
    $("problem").hidden = false;
    $("result").hidden = true;
  } finally {
    if (mine === shows) document.body.classList.remove("busy");
  }
}

function share({ name, color, share }) {
  const item = document.createElement("li");
  const chip = document.createElement("i"), text = document.createElement("span"), value = document.createElement("b");
  const bar = document.createElement("div"), filled = document.createElement("span");
  chip.style.background = filled.style.background = color;
  text.textContent = name;
  value.textContent = `${(100 * share).toFixed(1)} %`;
  filled.style.width = `${100 * share}%`;
  bar.append(filled);
  item.append(chip, text, value, bar);
  return item;
}
