// The cockpit: asks for figures with the official's key, which lives in this module only.

import { cockpitFigures } from "./cockpit_figures.js";
import { element } from "./elements.js";
import { RequestFailure, request } from "./request.js";

const byId = (name) => document.getElementById(name);
const filters = byId("filters");
const figures = byId("figures");
const status = byId("status");
const keyForm = byId("key-form");
const keyField = byId("key");
const service = document.querySelector("main").dataset.figures;

let key = "";
let asked = 0;

const FAILURES = {
  key: "Cette clé n’ouvre pas le tableau de bord. Vérifiez-la, ou demandez-en une autre.",
  offline: "La connexion semble coupée. Vérifiez-la, puis réessayez.",
  slow: "Le service met trop de temps à répondre. Réessayez dans un instant.",
  busy: "Beaucoup de demandes arrivent en ce moment. Réessayez dans un instant.",
  unavailable: "Le service est momentanément indisponible. Réessayez dans un instant.",
  refused: "Ce choix ne peut pas être compté. Vérifiez l’année.",
};

// What the service is asked: « only=commune:14220 » in the page is « commune=14220 » there.
function query() {
  const [dimension, value] = filters.elements.only.value.split(":");
  const asked = new URLSearchParams({ year: filters.elements.year.value });
  if (value) asked.set(dimension, value);
  return asked.toString();
}

async function load() {
  asked += 1;
  const mine = asked;
  status.textContent = "Les chiffres sont demandés…";
  try {
    const found = await request(`${service}?${query()}`, { key });
    if (mine === asked) show(found);
  } catch (error) {
    if (!(error instanceof RequestFailure)) throw error;
    if (mine === asked) fail(error);
  }
}

// Names of values, as the filters give them.
function names() {
  const known = {};
  for (const option of filters.elements.only.options) known[option.value] = option.textContent;
  return known;
}

function show(found) {
  keyForm.hidden = true;
  figures.replaceChildren(...cockpitFigures(found, names()), forgetButton());
  const title = figures.querySelector("h2");
  title.tabIndex = -1;
  title.focus({ preventScroll: true });
  status.textContent = "Les chiffres sont à jour.";
}

function fail(failure) {
  figures.replaceChildren();
  status.textContent = FAILURES[failure.reason];
  if (failure.reason === "key") forget();
}

function forget() {
  key = "";
  keyForm.hidden = false;
  keyField.focus();
}

function forgetButton() {
  const made = element("button", { type: "button", class: "plain forget" }, "Fermer et oublier la clé");
  made.addEventListener("click", () => {
    asked += 1;
    figures.replaceChildren();
    status.textContent = "La clé est oubliée.";
    forget();
  });
  return made;
}

keyForm.addEventListener("submit", (event) => {
  event.preventDefault();
  const given = keyField.value.trim();
  if (!given) return;
  key = given;
  keyField.value = "";
  load();
});

// The address keeps the filters, so that a view can be found again or sent; never the key.
filters.addEventListener("submit", (event) => {
  event.preventDefault();
  history.replaceState(null, "", `?${new URLSearchParams(new FormData(filters))}`);
  if (key) {
    load();
  } else {
    status.textContent = "Donnez d’abord votre clé.";
    keyField.focus();
  }
});
