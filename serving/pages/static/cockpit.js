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

let key = "";
let asked = 0;

const FAILURES = {
  key: "Cette clé n’ouvre pas le tableau de bord. Vérifiez-la, ou demandez-en une autre.",
  offline: "La connexion semble coupée. Vérifiez-la, puis réessayez.",
  slow: "Le service met trop de temps à répondre. Réessayez, sur une période plus courte au besoin.",
  busy: "Beaucoup de demandes arrivent en ce moment. Réessayez dans un instant.",
  unavailable: "Le service est momentanément indisponible. Réessayez dans un instant.",
  refused: "Ces choix ne peuvent pas être comptés. Vérifiez les dates.",
};

function chosen() {
  const given = [...new FormData(filters)].filter(([, value]) => value);
  return new URLSearchParams(given).toString();
}

async function load() {
  asked += 1;
  const mine = asked;
  const query = chosen();
  const address = query ? `${figuresAddress()}?${query}` : figuresAddress();
  status.textContent = "Les chiffres sont demandés…";
  try {
    const found = await request(address, { key });
    if (mine === asked) show(found);
  } catch (error) {
    if (!(error instanceof RequestFailure)) throw error;
    if (mine === asked) fail(error);
  }
}

function figuresAddress() {
  return document.querySelector("main").dataset.figures;
}

function show(found) {
  keyForm.hidden = true;
  const shown = cockpitFigures(found);
  figures.replaceChildren(...shown, forgetButton());
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
  const query = chosen();
  history.replaceState(null, "", query ? `?${query}` : location.pathname);
  if (key) {
    load();
  } else {
    status.textContent = "Donnez d’abord votre clé.";
    keyField.focus();
  }
});
