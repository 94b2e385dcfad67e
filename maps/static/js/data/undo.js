// Undo and redo of the edits of a scenario, as long as the page is open.

import { withoutLast } from "./edits.js";

const MOST = 200; // steps that are kept

/** {undo, redo} of `state`: undo takes the last change of the edits back; of a link just opened, its last edit. */
export function undoOf(state) {
  const past = [];
  const future = [];
  let moving = false;
  state.onChange((now, keys, { before, travelled }) => {
    if (!keys.has("edits") || moving) return;
    future.length = 0;
    if (travelled || keys.has("district")) past.length = 0;
    else past.push(before.edits);
    if (past.length > MOST) past.shift();
  });
  const move = (from, to, otherwise) => {
    const edits = from.length ? from.pop() : otherwise;
    if (edits === null) return;
    to.push(state.now.edits);
    moving = true;
    state.set({ edits });
    moving = false;
  };
  return {
    undo: () => move(past, future, state.now.edits ? withoutLast(state.now.edits) : null),
    redo: () => move(future, past, null),
  };
}
