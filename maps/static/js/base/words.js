// Texts in the chosen language, and number formats of that language.

const data = JSON.parse(document.getElementById("page-data").textContent);
export const style = data.style;

let lang = data.lang;
export const language = () => lang;

/** The text of `key` with its {names} filled in. A missing key shows itself. */
export function t(key, values = {}) {
  const text = data.words[lang][key] ?? key;
  return text.replace(/\{(\w+)(?:\?([^|{}]*)\|([^{}]*))?\}/g, (_, name, one, many) => {
    if (many === undefined) return values[name] ?? "";
    return String(values[name]) === "1" ? one : many; // {n?household|households}
  });
}

/** Whether there is a text of that key. */
export const hasText = (key) => key in data.words[lang];

/** The name of a record that has one in each language. */
export const nameOf = (record) => record[`name_${lang}`] || record.name_zh || record.name_en || "";
/** What a reader must know of a district; Chinese where there is any. */
export const noteOf = (record) => (lang === "zh" && record.note_zh) || record.note || record.note_zh || "";
export const termOf = (record) => record[lang] || record.zh || record.en || record.id;

/** The entry of a term in the glossary, in the chosen language. */
export const tellingOf = (id) => data.glossary[id][lang];
/** The name of the mark beside a term. */
export const askName = (id) => t("term.ask", { term: tellingOf(id).term });

/** Switch language and rewrite every marked element of the frame. */
export function speak(next) {
  lang = data.words[next] ? next : data.lang;
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
  document.title = t("page.title");
  for (const el of document.querySelectorAll("[data-t]")) el.textContent = t(el.dataset.t);
  for (const el of document.querySelectorAll("[data-t-label]")) el.setAttribute("aria-label", t(el.dataset.tLabel));
  for (const el of document.querySelectorAll("[data-term]")) el.setAttribute("aria-label", askName(el.dataset.term));
}

const formats = new Map();
function format(value, digits) {
  const key = `${lang}${digits}`;
  if (!formats.has(key)) {
    formats.set(key, new Intl.NumberFormat(lang, { minimumFractionDigits: digits, maximumFractionDigits: digits }));
  }
  return formats.get(key).format(value);
}

export const whole = (value) => format(value, 0);
export const decimal = (value, digits = 1) => format(value, digits);

/**
 * A share as per cent with one decimal. Only a full house is 100.0 and only nobody is 0.0: what would
 * round to either is held back one step.
 */
export function percentNumber(share) {
  const rounded = Math.round(share * 1000) / 10;
  if (rounded >= 100 && share < 1) return 99.9;
  if (rounded <= 0 && share > 0) return 0.1;
  return rounded;
}

/** As geo.messages.percent: Chinese sets no space before the sign. */
export const percent = (share) => (share === null || share === undefined ? "–" : `${decimal(percentNumber(share))}${lang === "zh" ? "%" : " %"}`);
/** A walking time in minutes, up to the next tenth: 15.04 is not within 15.0. */
export const minutesOf = (seconds) => decimal(Math.ceil(Number((seconds / 6).toFixed(6))) / 10);
