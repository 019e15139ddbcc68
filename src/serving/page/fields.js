/** What a model reads as inputs of the page, and the product that stands in them. */

export const RESERVED = ['id', 'category', 'texts'];
const MEDIA = {
  image: { accept: 'image/*', what: 'picture' },
  audio: { accept: 'audio/*', what: 'sound' },
};

export const byId = (id) => document.getElementById(id);

/** An element with properties, attributes (names with a dash) and children; texts are never read as HTML. */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.includes('-')) made.setAttribute(key, value);
    else made[key] = value;
  }
  made.append(...children);
  return made;
}

/** Labels and inputs, in the order of the page. */
export function inputsOf({ fields, media, cells }) {
  return [
    ...fields.flatMap((field, i) => input(field, `field-${i}`, i === 0 ? 2 : 6, i > 0)),
    ...media.flatMap(({ name, kind }, i) => mediaInput(name, kind, `media-${i}`)),
    ...cells.flatMap((field, i) => input(field, `cell-${i}`, 1, true)),
    ...input('category', 'category', 1, true),
  ];
}

function labelOf(name, id, optional) {
  const label = element('label', { htmlFor: id }, name[0].toUpperCase() + name.slice(1));
  if (optional) label.append(' ', element('span', { className: 'optional' }, '(optional)'));
  return label;
}

function input(name, id, rows, optional) {
  const box = rows === 1 ? element('input', { id }) : element('textarea', { id, rows });
  box.dir = 'auto';
  box.autocomplete = 'off';
  return [labelOf(name, id, optional), box];
}

/** A file of this machine, shown or played below once it is chosen. */
function mediaInput(name, kind, id) {
  const { accept, what } = MEDIA[kind];
  const box = element('input', { id, type: 'file', accept, multiple: kind === 'image' });
  const shown = element('div', { className: 'chosen' });
  const show = async () => {
    const files = await filesIn(box);
    shown.replaceChildren(
      ...files.map((src, i) =>
        kind === 'image'
          ? element('img', { src, alt: `The ${what} ${i + 1} of ${files.length}` })
          : element('audio', { src, controls: true }),
      ),
    );
  };
  box.addEventListener('change', show);
  // A form is emptied after its event.
  byId('product').addEventListener('reset', () => setTimeout(show));
  return [labelOf(name, id, true), box, shown];
}

/** As `data:` URIs. */
function filesIn(box) {
  return Promise.all(
    [...box.files].map(
      (file) =>
        new Promise((resolve, reject) => {
          const reader = new FileReader();
          reader.onload = () => resolve(reader.result);
          reader.onerror = () => reject(new Error(`${file.name} cannot be read.`));
          reader.readAsDataURL(file);
        }),
    ),
  );
}

/** As the service takes it; what is empty is left out. */
export async function productOf({ fields, media, cells }) {
  const product = {};
  const texts = {};
  fields.forEach((field, i) => {
    const { value } = byId(`field-${i}`);
    if (value === '') return;
    if (RESERVED.includes(field)) texts[field] = value;
    else product[field] = value;
  });
  for (const [i, { name }] of media.entries()) {
    const files = await filesIn(byId(`media-${i}`));
    if (files.length > 0) product[name] = files.length === 1 ? files[0] : files;
  }
  cells.forEach((field, i) => {
    const value = byId(`cell-${i}`).value.trim();
    if (value !== '') product[field] = value;
  });
  const category = byId('category').value.trim();
  if (category !== '') product.category = category;
  if (Object.keys(texts).length > 0) product.texts = texts;
  return product;
}
