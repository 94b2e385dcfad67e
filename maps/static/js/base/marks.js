// Map symbols drawn on a canvas: category badges, squares of uncovered buildings, the no-data hatch.

import { language, style } from "./words.js";

const RATIO = 3; // drawn at three times the size, crisp on dense screens

function canvas(width, height) {
  const el = document.createElement("canvas");
  el.width = width * RATIO;
  el.height = height * RATIO;
  const pen = el.getContext("2d");
  pen.scale(RATIO, RATIO);
  return [el, pen];
}

const pixels = (el) => el.getContext("2d").getImageData(0, 0, el.width, el.height);

/** Fill and ink of the category at `position` of the standard; -1 is what stands beside the categories. */
export const badgeColours = (position) => (position < 0 ? style.beside : style.badges[position % style.badges.length]);

/** The character of a category: one in zh, up to two letters in en. */
export const badgeText = (category) => (language() === "zh" ? category.badge_zh : category.badge_en);

function badge(category, position) {
  const [el, pen] = canvas(24, 24);
  const { fill, ink } = badgeColours(position);
  const text = badgeText(category);
  pen.beginPath();
  pen.arc(12, 12, 11, 0, 7);
  pen.fillStyle = "#fff";
  pen.fill();
  pen.beginPath();
  pen.arc(12, 12, 9.6, 0, 7);
  pen.fillStyle = fill;
  pen.fill();
  pen.fillStyle = ink;
  pen.font = `600 ${text.length > 1 ? 9.5 : 12}px system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif`;
  pen.textAlign = "center";
  pen.textBaseline = "alphabetic";
  const box = pen.measureText(text);
  pen.fillText(text, 12, 12 + (box.actualBoundingBoxAscent - box.actualBoundingBoxDescent) / 2);
  return el;
}

/** A square of `side` on a white ground, dark, with a white heart of `heart` where it is hollow. */
function square(side, heart = 0) {
  const [el, pen] = canvas(12, 12);
  const centred = (size, colour) => {
    pen.fillStyle = colour;
    pen.fillRect(6 - size / 2, 6 - size / 2, size, size);
  };
  centred(side + 2.4, "#fff");
  centred(side, style.ink);
  centred(heart, "#fff");
  return el;
}

function hatch() {
  const [el, pen] = canvas(8, 8);
  pen.strokeStyle = style.no_data;
  pen.lineWidth = 0.9;
  for (const shift of [-8, 0, 8]) {
    pen.beginPath();
    pen.moveTo(shift - 1, 9);
    pen.lineTo(shift + 9, -1);
    pen.stroke();
  }
  return el;
}

/** Crossed lines on white: nobody looks after who lives here. */
function nobody() {
  const side = 9;
  const [el, pen] = canvas(side, side);
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, side, side);
  pen.strokeStyle = style.ink;
  pen.lineWidth = 0.75;
  for (const shift of [-side, 0, side]) {
    pen.beginPath();
    pen.moveTo(shift - 1, side + 1);
    pen.lineTo(shift + side + 1, -1);
    pen.moveTo(shift - 1, -1);
    pen.lineTo(shift + side + 1, side + 1);
    pen.stroke();
  }
  return el;
}

/** Give the map its images, or draw the badges again after a change of language. */
export function addMarks(map, { categories, beside }) {
  const images = { "no-data": hatch(), nobody: nobody(), beyond: square(7.6), unlinked: square(7.6, 4), covered: square(5.6, 4.2) };
  categories.forEach((category, position) => {
    images[`badge-${category.id}`] = badge(category, position);
  });
  for (const group of beside) images[`badge-${group.id}`] = badge(group, -1);
  for (const [name, el] of Object.entries(images)) {
    if (map.hasImage(name)) map.removeImage(name);
    map.addImage(name, pixels(el), { pixelRatio: RATIO });
  }
}
