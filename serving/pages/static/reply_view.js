// What Sophie answers, as elements. `acts` is what the page does when something is pressed.

import { button, element, link, paragraphs, phone, uniqueId } from "./elements.js";

export function citizenMessage(text) {
  return element(
    "div",
    { class: "message you" },
    element("p", { class: "author" }, "Vous"),
    element("div", { class: "words" }, ...paragraphs(text)),
  );
}

// Something that the page itself has to say: a failure and what to do about it.
export function pageMessage(text, { retry } = {}) {
  const words = element("div", { class: "words" }, ...paragraphs(text));
  if (retry) words.append(button("Réessayer", "plain", retry));
  return element(
    "div",
    { class: "message page" },
    element("p", { class: "author" }, "Cette page"),
    words,
  );
}

export function sophieMessage(reply, acts) {
  const action = reply.next_action;
  const urgent = action.kind === "safety";
  const message = element(
    "div",
    { class: urgent ? "message sophie urgent" : "message sophie", tabindex: "-1" },
    element("p", { class: "author" }, urgent ? "Sophie, automate\u00a0: urgence" : "Sophie, automate"),
    words(reply),
    sources(reply),
    handOver(reply, acts),
    advice(reply.nudge, acts),
    choices(reply, acts),
    opinion(reply, acts),
  );
  return message;
}

// The page says at its top what Sophie is; the first answer does not say it again.
function words(reply) {
  const shown = paragraphs(reply.text).filter((one) => !same(one.textContent, reply.disclosure));
  for (const one of shown) if (same(one.textContent, reply.warning)) one.className = "warning";
  return element("div", { class: "words" }, ...shown);
}

function same(text, other) {
  return Boolean(other) && text.trim() === other.trim();
}

function sources(reply) {
  if (!reply.sources.length) return null;
  const lines = reply.sources.map((source) =>
    element(
      "li",
      {},
      "Source\u00a0: ",
      link(source.url, source.title),
      `, ${frenchDate(source.date)} `,
      source.synthetic ? element("span", { class: "demonstration" }, "Donnée de démonstration") : null,
    ),
  );
  return element("ul", { class: "sources", "aria-label": "Sources de la réponse" }, ...lines);
}

function frenchDate(day) {
  const date = new Date(`${day}T12:00:00`);
  if (Number.isNaN(date.getTime())) return day;
  return date.toLocaleDateString("fr-FR", { day: "numeric", month: "long", year: "numeric" });
}

const TITLES = { safety: "Numéros à appeler", hand_over: "Parler à un conseiller" };

function handOver(reply, acts) {
  const action = reply.next_action;
  const references = [
    ["Référence de votre demande", reply.ticket],
    ["Numéro de suivi de votre signalement", reply.service_request_id],
  ].filter(([, number]) => number);
  const person = action.kind === "hand_over";
  if (!person && !action.phones.length && !references.length) return null;
  const title = element(
    "h3",
    { id: uniqueId("handover") },
    TITLES[action.kind] ?? "Suite de votre demande",
  );
  const block = element("section", { class: "handover", "aria-labelledby": title.id }, title);
  for (const [label, number] of references) {
    block.append(
      element("p", { class: "ticket" }, `${label}\u00a0: `, element("strong", {}, number)),
    );
  }
  const ways = element("dl", {});
  for (const one of action.phones) {
    ways.append(element("dt", {}, capitalised(one.name)), element("dd", {}, phone(one)));
  }
  if (person && acts.deskHours.length) {
    ways.append(element("dt", {}, "Venir à l’accueil"));
    for (const line of acts.deskHours) ways.append(element("dd", {}, line));
  }
  if (ways.children.length) block.append(ways);
  if (person) block.append(writtenWay(acts));
  return block;
}

function capitalised(name) {
  return name.charAt(0).toLocaleUpperCase("fr") + name.slice(1);
}

function writtenWay(acts) {
  const place = element("div", { class: "written" });
  const open = button("Laisser un message écrit", "plain", () => {
    const form = writtenForm(acts, () => {
      form.replaceWith(open);
      open.focus();
    });
    open.replaceWith(form);
    form.querySelector("textarea").focus();
  });
  place.append(open);
  return place;
}

function writtenForm(acts, close) {
  const field = element("textarea", { id: uniqueId("written"), rows: "4", required: true });
  const help = element(
    "p",
    { class: "help", id: uniqueId("written-help") },
    "Décrivez votre demande sans donner vos coordonnées\u00a0: elles seraient effacées. Une référence vous sera donnée\u00a0; dites-la par téléphone ou à l’accueil.",
  );
  field.setAttribute("aria-describedby", help.id);
  const form = element(
    "form",
    {},
    element("label", { for: field.id }, "Votre message au service"),
    field,
    help,
    element(
      "div",
      { class: "buttons" },
      element("button", { type: "submit", class: "main" }, "Transmettre"),
      button("Annuler", "plain", close),
    ),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!field.value.trim()) return;
    acts.write(field.value.trim());
    form.remove();
  });
  return form;
}

function advice(nudge, acts) {
  if (!nudge) return null;
  const title = element("h3", { id: uniqueId("advice") }, nudge.subject || "Un conseil, si vous le voulez");
  return element(
    "section",
    { class: "advice", "aria-labelledby": title.id },
    title,
    ...paragraphs(nudge.text),
    element(
      "div",
      { class: "acts" },
      button("Pourquoi ce conseil\u00a0?", "plain", () => acts.choose("intent:nudge_info", "Pourquoi ce conseil\u00a0?")),
      button(nudge.opt_out.label, "plain", () => acts.choose(nudge.opt_out.payload, nudge.opt_out.label)),
    ),
    element("p", { class: "campaign" }, `Campagne\u00a0: ${nudge.title}`),
  );
}

// Ways to reach a person are in the hand-over block, where they act at once.
function choices(reply, acts) {
  const offered = reply.quick_replies.filter((one) => !one.payload.startsWith("action:"));
  if (!offered.length) return null;
  return element(
    "div",
    { class: "choices", role: "group", "aria-label": "Réponses proposées" },
    ...offered.map((one) => button(one.label, "choice", () => acts.choose(one.payload, one.label))),
  );
}

// A question or a warning is not an answer to judge.
const JUDGED = new Set(["answer", "link", "hand_over", "report"]);
const REASONS = [
  "La réponse ne correspond pas à ma question",
  "Il manque une information",
  "Une information me semble fausse",
  "La réponse n’est pas claire",
];

function opinion(reply, acts) {
  if (!JUDGED.has(reply.next_action.kind)) return null;
  const label = element("span", { id: uniqueId("opinion") }, "Cette réponse vous aide-t-elle\u00a0?");
  const group = element("div", { class: "opinion", role: "group", "aria-labelledby": label.id }, label);
  const said = (text) => {
    const thanks = element("span", { tabindex: "-1" }, text);
    group.replaceChildren(thanks);
    thanks.focus();
  };
  const give = async (thumb, comment = "") =>
    said(
      (await acts.opine(reply.message_id, thumb, comment))
        ? "Merci, votre avis est enregistré."
        : "Votre avis n’a pas pu être enregistré. Rien d’autre n’est perdu.",
    );
  group.append(
    button("Oui", "plain", () => give("up")),
    button("Non", "plain", () => {
      const form = whyForm((comment) => {
        form.remove();
        give("down", comment);
      });
      group.replaceChildren(element("span", {}, "Merci de le dire."));
      group.after(form);
      form.querySelector("input").focus();
    }),
  );
  return group;
}

function whyForm(send) {
  const name = uniqueId("reason");
  const reasons = REASONS.map((reason) => {
    const id = uniqueId("reason-choice");
    const choice = element("input", { type: "radio", id, name, value: reason });
    return element("label", { class: "reason", for: id }, choice, reason);
  });
  const comment = element("textarea", { id: uniqueId("comment"), rows: "2" });
  const form = element(
    "form",
    { class: "why" },
    element("fieldset", {}, element("legend", {}, "Pourquoi\u00a0?"), ...reasons),
    element("label", { for: comment.id }, "Préciser, si vous le voulez (sans nom ni adresse)"),
    comment,
    element(
      "div",
      { class: "buttons" },
      element("button", { type: "submit", class: "main" }, "Envoyer mon avis"),
      button("Sans explication", "plain", () => send("")),
    ),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const reason = form.querySelector("input:checked")?.value ?? "";
    send([reason, comment.value.trim()].filter(Boolean).join(". "));
  });
  return form;
}

