// The few ways in which nodes are made and changed. Texts only ever go in as text nodes: they come from files.

const SVG = "http://www.w3.org/2000/svg";

export function make(tag, classes = "", attributes = {}, ...children) {
  const element = document.createElement(tag);
  if (classes) element.className = classes;
  for (const [name, value] of Object.entries(attributes)) attribute(element, name, value);
  element.append(...children);
  return element;
}

export function button(classes, attributes = {}, ...children) {
  return make("button", classes, { type: "button", ...attributes }, ...children);
}

export function drawing(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) attribute(element, name, value);
  element.append(...children);
  return element;
}

/** Sets an attribute, or takes it away when the value is null or false. */
export function attribute(element, name, value) {
  if (value === null || value === undefined || value === false) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
    return;
  }
  const said = value === true ? "" : String(value);
  if (element.getAttribute(name) !== said) element.setAttribute(name, said);
}

/** Gives an element exactly this text; touches it only when it says something else, as every touch costs a layout. */
export function put(element, text) {
  const said = text === null || text === undefined ? "" : String(text);
  const node = element.firstChild;
  if (node && node === element.lastChild && node.nodeType === Node.TEXT_NODE) {
    if (node.data !== said) node.data = said;
  } else {
    element.replaceChildren(said);
  }
}

/** Makes these the children, in this order, moving only what stands elsewhere: a moved element loses focus. */
export function arrange(parent, children) {
  const wanted = new Set(children);
  for (const child of [...parent.childNodes]) if (!wanted.has(child)) child.remove();
  children.forEach((child, index) => {
    if (parent.childNodes[index] !== child) parent.insertBefore(child, parent.childNodes[index] ?? null);
  });
}

/** Sets a style property only when it changes. */
export function style(element, name, value) {
  const known = (element.styled ??= {});
  if (known[name] === value) return;
  known[name] = value;
  element.style.setProperty(name, value);
}
