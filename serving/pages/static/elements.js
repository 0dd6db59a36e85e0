// Building a page from data: words are only ever text nodes, never markup.

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== undefined && value !== null) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export function button(label, className, act) {
  const made = element("button", { type: "button", class: className }, label);
  made.addEventListener("click", act);
  return made;
}

// A link to a web page; plain words where the address is of any other kind.
export function link(address, label) {
  const safe = /^https?:\/\//i.test(address ?? "");
  return safe ? element("a", { href: address, rel: "noopener noreferrer" }, label) : label;
}

// A number to call, or to write to where it takes messages only, with its reserve.
export function phone({ name, number, note }) {
  const scheme = /\bSMS\b/.test(name) ? "sms" : "tel";
  const address = `${scheme}:${number.replace(/[^+\d]/g, "")}`;
  const call = element("a", { class: "phone", href: address }, number);
  return element("span", {}, call, note ? ` (${note})` : "");
}

// Blank lines part paragraphs; lines that begin with a dash make a list.
export function paragraphs(text) {
  return (text ?? "")
    .split(/\n{2,}/)
    .filter((one) => one.trim())
    .flatMap((one) => lists(one.trim().split("\n")));
}

const DASH = /^[-•–]\s+/;

function lists(lines) {
  const made = [];
  for (const line of lines) {
    const before = made[made.length - 1];
    if (DASH.test(line)) {
      const list = before?.tagName === "UL" ? before : element("ul");
      list.append(element("li", {}, line.replace(DASH, "")));
      if (list !== before) made.push(list);
    } else if (before?.tagName === "P") {
      before.append(`\n${line}`);
    } else {
      made.push(element("p", {}, line));
    }
  }
  return made;
}

let last = 0;

// An identifier for `aria-labelledby` and `for`, unique in the page.
export function uniqueId(stem) {
  last += 1;
  return `${stem}-${last}`;
}
