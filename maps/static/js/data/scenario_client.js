// Requests for a scenario: the answer, or the fault with the edit that caused it.

import { ApiError } from "../base/api_client.js";
import { formatEdits } from "./edits.js";

const NOTHING = { answer: null, fault: null };
/** Have the service make ready, so that the first edit is answered as fast as the others. */
export const warmScenario = (ask, question) => ask.scenario({ ...question, edits: [], key: "" }).catch(() => {}); // a fault shows when something is tried

/**
 * Ask for the scenario; resolves to {answer, fault}. A refusal is told at the edit it names, so it is
 * an answer here, not an error; only a service that cannot be reached is one.
 */
export async function askScenario(ask, { edits, minutes, profile, by }) {
  if (!edits.length) return NOTHING;
  const number = edits.findIndex((edit) => edit.op === "unreadable") + 1;
  if (number) return { answer: null, fault: { number, detail: "" } };
  try {
    return { answer: await ask.scenario({ edits, key: formatEdits(edits), minutes, profile, by }), fault: null };
  } catch (error) {
    if (!(error instanceof ApiError) || error.status === 0) throw error;
    return { answer: null, fault: { number: (error.edit ?? -1) + 1, detail: error.detail || error.title } };
  }
}
