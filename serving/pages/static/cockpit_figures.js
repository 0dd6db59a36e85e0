// The answer of the service as figures: what is hidden is said, and no rate stands alone.

import { element } from "./elements.js";
import { decimal, figure, keyFacts, percent, whole } from "./figures.js";

const HIDDEN = "masqué";
const TITLES = {
  month: ["Demandes par mois", "Mois"],
  channel: ["Demandes par canal", "Canal"],
  theme: ["Demandes par thème", "Thème"],
  nature: ["Demandes par nature", "Nature"],
  commune: ["Demandes par commune", "Commune"],
};
const NAMES = {
  "nature:information": "Information",
  "nature:transaction": "Démarche",
  "nature:reclamation": "Réclamation",
  "nature:rendez_vous": "Rendez-vous",
  "nature:signalement": "Signalement",
  "nature:dialogue": "Conversation",
  "theme:non_type": "Sans thème",
  "nature:non_type": "Sans nature",
  "commune:non_precisee": "Commune non précisée",
  "commune:petites_communes": "Petites communes, regroupées",
  "delay:dans_le_delai": "Dans le délai",
  "delay:hors_delai": "Hors délai",
  "delay:delai_inconnu": "Délai inconnu",
};

// `names`: French names of « dimension:value ».
export function cockpitFigures(cockpit, names) {
  const named = (dimension, value) => {
    const key = dimension === "month" ? Number(value.slice(5)) : value;
    return names[`${dimension}:${key}`] ?? NAMES[`${dimension}:${value}`] ?? value;
  };
  const volumes = cockpit.volumes.filter((one) => one.dimension !== cockpit.only?.dimension);
  const complaints = cockpit.complaints.map((one) => ({ ...one, of: "complaints" }));
  return [
    element("h2", { class: "subject" }, subject(cockpit, named)),
    keyFacts(facts(cockpit)),
    element(
      "div",
      { class: "grid" },
      ...volumes.map((one) => breakdownFigure(one, named)),
      ...complaints.map((one) => breakdownFigure(one, named)),
      delayFigure(cockpit.delays, named),
      targetFigure(cockpit.delays, named),
    ),
    notes(cockpit.notes),
  ];
}

function subject({ year, only }, named) {
  return only ? `${year}\u00a0: ${named(only.dimension, only.value)}` : `Toute l’année ${year}`;
}

function facts({ requests, delays, satisfaction, containment, coverage_v1, bot_share }) {
  return [
    { label: "Demandes reçues, tous canaux", value: count(requests) },
    {
      label: "Demandes faites à Sophie",
      value: share(bot_share),
      detail: basis(bot_share, "demandes"),
    },
    {
      label: "Réponses d’une personne dans le délai promis",
      value: share(delays.within),
      detail: basis(delays.within, "réponses dont le délai est connu"),
      demonstration: delays.synthetic,
    },
    satisfactionFact(satisfaction),
    {
      label: "Questions prévues au lancement, réglées sans conseiller",
      value: share(coverage_v1),
      detail: basis(coverage_v1, "questions"),
    },
    containmentFact(containment),
  ];
}

function satisfactionFact({ response_rate, mean, low, high, opinions }) {
  const label = "Satisfaction envers Sophie";
  const rate =
    response_rate.share === null
      ? "Taux de réponse masqué ou sans objet."
      : `Taux de réponse\u00a0: ${percent(response_rate.share)} (${basisOf(response_rate)} conversations).`;
  if (mean === null) return { label, value: "Trop peu d’avis", detail: rate };
  return {
    label,
    value: `${decimal(mean)} sur 5`,
    detail: `${whole(opinions)} avis, de ${decimal(low)} à ${decimal(high)} (intervalle à 95\u00a0%). ${rate}`,
  };
}

function containmentFact({ contained, resolved, response_rate }) {
  const label = "Conversations sans conseiller";
  if (!contained || !resolved || !response_rate) {
    return { label, value: "Non montré", detail: "Trop peu de personnes ont dit si leur demande était réglée." };
  }
  return {
    label,
    value: share(contained),
    detail: `Parmi ceux qui l’ont dit (${share(response_rate)}), ${share(resolved)} avaient leur demande réglée dès ce contact.`,
  };
}

function breakdownFigure(breakdown, named) {
  const { dimension, total, cells, hidden, of } = breakdown;
  const [title, first] = TITLES[dimension];
  const most = Math.max(...cells.map((cell) => cell.n ?? 0), 1);
  const ordered =
    dimension === "month" ? cells : [...cells].sort((one, other) => (other.n ?? -1) - (one.n ?? -1));
  return figure({
    title: of ? title.replace("Demandes", "Réclamations") : title,
    text: total === null ? "Le total est masqué." : `Au total\u00a0: ${whole(total)}.`,
    first,
    columns: ["Nombre", "Part"],
    rows: (allHidden(cells) ? [] : ordered).map((cell) => ({
      label: named(dimension, cell.value),
      bar: (cell.n ?? 0) / most,
      cells: [counted(cell.n), cell.n === null || !total ? "–" : percent(cell.n / total)],
    })),
    note: hiddenNote(cells, hidden),
  });
}

function delayFigure({ counts }, named) {
  return figure({
    title: "Première réponse d’une personne",
    text: counts.total === null ? "Le total est masqué." : `Au total\u00a0: ${whole(counts.total)} demandes.`,
    first: "Délai",
    columns: ["Nombre"],
    rows: (allHidden(counts.cells) ? [] : counts.cells).map((cell) => ({
      label: named("delay", cell.value),
      cells: [counted(cell.n)],
    })),
    note: hiddenNote(counts.cells, counts.hidden),
  });
}

function targetFigure({ target_hours, synthetic }, named) {
  return figure({
    title: "Délais promis",
    first: "Canal",
    columns: ["Heures"],
    rows: Object.entries(target_hours).map(([channel, hours]) => ({
      label: named("channel", channel),
      cells: [decimal(hours, Number.isInteger(hours) ? 0 : 1)],
    })),
    demonstration: synthetic,
  });
}

function notes(lines) {
  return element(
    "section",
    { class: "notes", "aria-labelledby": "notes-title" },
    element("h2", { id: "notes-title" }, "Comment lire ces chiffres"),
    element("ul", {}, ...lines.map((line) => element("li", {}, line))),
  );
}

function allHidden(cells) {
  return cells.length > 0 && cells.every((cell) => cell.n === null);
}

function hiddenNote(cells, hidden) {
  if (!hidden) return "";
  if (allHidden(cells)) return "Le détail est masqué en entier\u00a0: il est trop petit pour être montré.";
  return hidden === 1 ? "Un nombre est masqué." : `${whole(hidden)} nombres sont masqués.`;
}

function count(n) {
  return n === null ? "Masqué" : whole(n);
}

function counted(n) {
  return n === null ? element("span", { class: "masked" }, HIDDEN) : whole(n);
}

function share({ n, of, share: value }) {
  if (value !== null) return percent(value);
  return of === null || (n === null && of > 0) ? "Masqué" : "Sans objet";
}

function basis(one, noun) {
  if (one.share === null) return "";
  return `${basisOf(one)} ${noun}, de ${percent(one.low)} à ${percent(one.high)} (intervalle à 95\u00a0%).`;
}

function basisOf({ n, of }) {
  return `${whole(n)} sur ${whole(of)}`;
}
