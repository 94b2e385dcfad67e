// Actions on the list of edits: add, remove, drag, undo, start a tool; used by panels and map alike.

import { formatEdits, parseEdits } from "../data/edits.js";
import { addAt, startTool, startToolFor } from "./pointer_and_keys.js";
import { moved } from "../data/active_tool.js";
import { placeOf } from "./edit_pins.js";

const NEAR_ZOOM = 14.5;

/** The actions, for `state` and the `map`; `data()` gives what is loaded. */
export function actions({ state, map, data }) {
  const edits = () => parseEdits(state.now.edits);
  const go = (more = {}) => state.set({ task: "whatif", ...more });
  return {
    tool: startTool,
    /** Hold a tool for a service point that is chosen already. */
    toolFor(name, id) {
      go();
      startToolFor(name, id);
    },
    /** Add a service point of the likely category at a place. */
    addAt(place) {
      go();
      addAt(place);
    },
    addEdit: (edit, more = {}) => go({ edits: formatEdits([...edits(), edit]), ...more }),
    dropEdit: (number) => state.set({ edits: formatEdits(edits().toSpliced(number - 1, 1)) }),
    /** Go where an edit stands. */
    showEdit(number) {
      const place = placeOf(edits()[number - 1], data());
      if (place) map().easeTo({ center: place, zoom: Math.max(map().getZoom(), NEAR_ZOOM) });
    },
    /** Follow a pin that was dragged. */
    movePin(number, lon, lat) {
      const now = edits();
      state.set({ edits: formatEdits(moved(now, now[number - 1].point_id, lon, lat)) });
    },
  };
}
