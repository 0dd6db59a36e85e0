// The conversation. Its session and the key live in this module only: no cookie, no storage.

import { RequestFailure, randomIdentifier, request } from "./request.js";
import { citizenMessage, pageMessage, sophieMessage } from "./reply_view.js";

const byId = (name) => document.getElementById(name);
const main = document.querySelector("main");
const log = byId("log");
const composer = byId("composer");
const field = byId("message");
const send = byId("send");
const status = byId("status");
const greeting = Array.from(log.children, (child) => child.cloneNode(true));
const deskHours = Array.from(document.querySelectorAll("[data-hours]"), (line) => line.textContent);
const otherWay = document.querySelector(".beside dl").dataset.otherWay;

let session = "";
let talk = 0;
let key = "";
let waiting = null;
let afterKey = null;

const FAILURES = {
  offline: "Votre message n’est pas parti\u00a0: la connexion semble coupée. Vérifiez-la, puis réessayez.",
  slow: "Sophie met trop de temps à répondre. Vous pouvez réessayer.",
  unavailable: "Sophie est momentanément indisponible. Rien n’est perdu\u00a0: réessayez dans un instant.",
  refused: "Votre message n’a pas pu être lu. S’il est long, raccourcissez-le.",
};

function inWords(failure) {
  if (failure.reason === "busy") {
    const delay = failure.wait > 1 ? `dans ${failure.wait}\u00a0secondes` : "dans un instant";
    return `Beaucoup de demandes arrivent en ce moment. Réessayez ${delay}.`;
  }
  const words = FAILURES[failure.reason];
  return failure.reason === "refused" ? words : [words, otherWay].filter(Boolean).join("\n\n");
}

const acts = {
  deskHours,
  choose: (payload, label) => say({ label, payload }),
  write: (text) => say({ label: text, text, channel: "form" }),
  stopAdvice: () => say({ label: "Ne plus recevoir de conseils", payload: "intent:nudge_stop" }),
  opine: async (messageId, thumb, comment) => {
    const body = comment ? { message_id: messageId, thumb, comment } : { message_id: messageId, thumb };
    try {
      await request(main.dataset.feedback, { method: "POST", body, key });
      return true;
    } catch (error) {
      if (error instanceof RequestFailure) return false;
      throw error;
    }
  },
};

// Something said by the citizen: words (`text`), or a choice (`payload`) shown by its label.
function say({ label, text, payload, channel = "web" }) {
  if (waiting) return;
  for (const stale of log.querySelectorAll(".choices, .starters")) stale.remove();
  const shown = citizenMessage(label);
  log.append(shown);
  reveal(shown);
  if (document.activeElement === document.body) log.focus({ preventScroll: true });
  deliver({ ...(payload ? { payload } : { text }), channel }, randomIdentifier());
}

async function deliver(body, repeat) {
  const mine = talk;
  wait(body);
  const sent = session ? { session_id: session, ...body } : body;
  try {
    const reply = await request(main.dataset.messages, { method: "POST", body: sent, key, repeat });
    if (mine === talk) answer(reply);
  } catch (error) {
    if (!(error instanceof RequestFailure)) throw error;
    if (mine === talk) fail(error, body, repeat);
  } finally {
    if (waiting === body) wait(null);
  }
}

function wait(body) {
  waiting = body;
  send.setAttribute("aria-disabled", String(Boolean(body)));
  status.textContent = body ? "Sophie prépare sa réponse…" : "";
}

function answer(reply) {
  session = reply.session_id;
  byId("reduced").hidden = !reply.degraded;
  const message = sophieMessage(reply, acts);
  log.append(message);
  arrive(message);
}

function fail(failure, body, repeat) {
  if (failure.reason === "key") {
    askKey(() => deliver(body, repeat), failure.detail);
    return;
  }
  const message = pageMessage(inWords(failure), {
    retry: () => {
      message.remove();
      log.focus({ preventScroll: true });
      deliver(body, repeat);
    },
  });
  message.tabIndex = -1;
  log.append(message);
  arrive(message);
}

// Whoever is typing goes on typing; whoever pressed a choice is led to what it brought.
function arrive(message) {
  if (document.activeElement === log || document.activeElement === document.body) {
    message.focus({ preventScroll: true });
  }
  reveal(message);
}

function reveal(message) {
  const tall = message.getBoundingClientRect().height > window.innerHeight / 2;
  message.scrollIntoView({ block: tall ? "start" : "nearest" });
}

function askKey(next, detail) {
  afterKey = next;
  byId("key-form").hidden = false;
  if (key) byId("key-help").textContent = detail;
  byId("key").value = "";
  byId("key").focus();
}

byId("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const given = byId("key").value.trim();
  if (!given) return;
  key = given;
  byId("key").value = "";
  byId("key-form").hidden = true;
  field.focus();
  afterKey?.();
});

composer.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = field.value.trim();
  if (waiting) return;
  if (!text) {
    status.textContent = "Écrivez d’abord votre question.";
    field.focus();
    return;
  }
  field.value = "";
  field.focus();
  say({ label: text, text });
});

field.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  composer.requestSubmit();
});

byId("ask-person").addEventListener("click", () => {
  acts.choose("intent:demander_humain", "Je voudrais parler à un conseiller");
});
byId("stop-advice").addEventListener("click", acts.stopAdvice);

byId("erase").addEventListener("click", () => {
  byId("erase-confirm").hidden = false;
  byId("erase-no").focus();
});
byId("erase-no").addEventListener("click", () => {
  byId("erase-confirm").hidden = true;
  byId("erase").focus();
});
byId("erase-yes").addEventListener("click", erase);

// Nothing is said to be erased before the service has said so.
async function erase() {
  byId("erase-confirm").hidden = true;
  byId("erase").focus();
  const body = { session_id: session };
  try {
    if (session) await request(main.dataset.erase, { method: "POST", body, key });
  } catch (error) {
    if (!(error instanceof RequestFailure)) throw error;
    if (error.reason === "key") askKey(erase, error.detail);
    else report("La conversation n’a pas pu être effacée. Réessayez dans un instant.");
    return;
  }
  session = "";
  talk += 1;
  wait(null);
  byId("reduced").hidden = true;
  log.replaceChildren(...greeting.map((child) => child.cloneNode(true)));
  listenToStarters();
  field.value = "";
  status.textContent = "La conversation est effacée.";
  field.focus();
}

function report(text) {
  const message = pageMessage(text);
  log.append(message);
  reveal(message);
}

function listenToStarters() {
  for (const one of log.querySelectorAll(".starters button")) {
    one.addEventListener("click", () => acts.choose(one.dataset.payload, one.textContent));
  }
}

window.addEventListener("offline", () => {
  status.textContent = "Vous êtes hors connexion. Sophie pourra répondre quand elle reviendra.";
});
window.addEventListener("online", () => {
  status.textContent = waiting ? status.textContent : "La connexion est revenue.";
});

listenToStarters();
