// HTTP client of the service: one method per endpoint, relative addresses only, GET answers cached, faults as ApiError.
// All answers about a district are of one revision: that of its first answer.

import { asked } from "./threshold.js";

/** What went wrong, in the server's words (application/problem+json) or ours. */
export class ApiError extends Error {
  constructor({ type = "", title, detail, status, edit, errors = [], lang = "" }) {
    super(detail || title);
    this.kind = type.split(":").at(-1); // "empty", "not-found"; as the service names its problems
    this.errors = errors;
    this.edit = edit; // index of the edit at fault, of a scenario
    this.title = title;
    this.detail = detail;
    this.status = status;
    this.lang = lang; // of title and detail
  }
}

async function problemOf(response) {
  const lang = response.headers.get("Content-Language") ?? "";
  try {
    const body = await response.json();
    return { type: body.type, title: body.title, detail: body.detail, errors: body.errors, edit: body.edit, status: response.status, lang };
  } catch {
    return { title: response.statusText, detail: "", status: response.status };
  }
}

/** The page's language; faults and whatever else is told come in it. */
const language = () => document.documentElement.lang.slice(0, 2);

async function ask(address, body, more = {}) {
  const headers = { Accept: "application/json", "Accept-Language": language(), ...more.headers };
  const sent = more.method ? { method: more.method, headers } : body ? { method: "POST", headers: { ...headers, "Content-Type": "application/json" }, body: JSON.stringify(body) } : { headers };
  let response;
  try {
    response = await fetch(address, sent);
  } catch (cause) {
    throw new ApiError({ title: "offline", detail: "", status: 0, cause });
  }
  if (response.status === 401) signIn();
  if (!response.ok) throw new ApiError(await problemOf(response));
  return response.json();
}

/** Leave for the page to sign in; what the address says after # comes back from there. */
export const signIn = () => location.assign(`sign-in?lang=${language()}${location.hash}`);
export const account = () => ask("me");
export const changePassword = (current, next) => ask("me/password", { current, new: next });
export const signOut = () => fetch("sign-out", { method: "POST" });

const query = (params) => {
  const given = Object.entries(params).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  return given.length ? `?${new URLSearchParams(given)}` : "";
};

/** Answers are kept while the district stays the same; a failed one is asked again next time. */
const kept = new Map();
function keep(address, { body, key = address } = {}) {
  if (!kept.has(key)) {
    const answer = ask(address, body);
    kept.set(key, answer);
    answer.catch(() => kept.delete(key));
  }
  return kept.get(key);
}

export const forget = () => kept.clear();
export const districts = () => ask("districts");

const revisionOf = (answer) => answer.revision ?? answer.lifecircle.revision;

/**
 * The questions about one district.
 * @param {object} given `moment()` (weekday and time that gates are as of, or empty), `asOf` (revision or
 *   day, or empty), `onNewer(revision)` called when the service answers of another revision. From
 *   then on everything is asked as of the first one, so that no answers of two are mixed.
 */
export function district(code, { moment = () => "", asOf = "", onNewer = () => {} } = {}) {
  const root = `districts/${encodeURIComponent(code)}`;
  let pinned = asOf;
  const detail = () => keep(`${root}${query({ as_of: asOf })}`);

  async function get(part, params = {}, { body, key = "", fresh = false } = {}) {
    const askedOf = pinned; // another question may find the newer revision meanwhile
    const address = `${root}/${part}${query({ ...params, as_of: askedOf })}`;
    const [answer, first] = await Promise.all([fresh ? ask(address, body) : keep(address, { body, key: `${address} ${key}` }), detail()]);
    if (revisionOf(answer) === first.revision) return answer;
    onNewer(revisionOf(answer));
    if (askedOf) throw new ApiError({ type: "newer", title: "newer", detail: "", status: 409 });
    pinned = String(first.revision);
    return get(part, params, { body, key, fresh });
  }
  const timed = (part, params, more) => get(part, { ...params, at: moment() }, more);

  return {
    detail,
    /** Compare with what the service has by now. */
    check: async () => {
      const [now, first] = await Promise.all([ask(`${root}${query({ as_of: asOf })}`), detail()]);
      if (now.revision !== first.revision) onNewer(now.revision);
    },
    grids: (level) => get("grids", { level }),
    points: () => get("service-points"),
    buildings: () => get("buildings"),
    barriers: () => get("barriers"),
    gates: () => get("gates"),
    grounds: () => get("open-grounds"),
    organisations: () => get("organisations"),
    coverage: ({ minutes, profile, by }) => timed("coverage", { ...asked(minutes), profile, by }),
    gaps: ({ minutes, profile, level, category }) => timed("gaps", { ...asked(minutes), profile, level, category }),
    /** Not kept: somebody may have drawn them anew since. */
    beats: () => get("beats", {}, { fresh: true }),
    beatsHref: (given = {}) => `${root}/beats${query({ ...given, as_of: pinned })}`,
    streets: (box) => get("walk-edges", { bbox: box.join(",") }),
    isochrones: ({ place: [lon, lat], minutes, profile, direction }) => timed("isochrones", { lon, lat, minutes: minutes.join(","), profile, direction }),
    /** The hours of a week hang on no moment. */
    week: ({ minutes, profile, by }) => get("week", { ...asked(minutes), profile, by }),
    dependents: ({ minutes, profile }) => timed("dependents", { ...asked(minutes), profile }),
    link: ({ point, profile }) => timed("link", { point, profile }),
    explain: ({ building, category, minutes, profile }) => timed("explain", { building, category, ...asked(minutes), profile }),
    /** Nothing is stored: a scenario is computed anew. `key` says the edits in short. */
    scenario: ({ edits, key, minutes, profile, by }) => timed("scenarios", { ...asked(minutes), profile, by }, { body: { edits }, key }),
    /** Undo the newest change, or that of a `revision` as it was `seen`; a preview stores nothing. */
    undo: ({ preview, revision, seen }) => ask(`${root}/undo${query({ revision, preview })}`, null, { method: "POST", headers: seen ? { "If-Match": `"${seen}"` } : {} }),
    walk: ({ from, to, profile }) => timed("walk", { from: from.join(","), to: to.join(","), profile }),
    /** Ask ahead for what the first drawing needs; faults show when it is asked for in earnest. */
    warm({ minutes, profile, level }) {
      const ahead = [get("grids", { level }), get("buildings"), timed("coverage", { ...asked(minutes), profile, by: level }), timed("coverage", { minutes: 15, profile, by: "building" })];
      for (const answer of ahead) answer.catch(() => {});
    },
    fileHref: ({ lang, minutes, profile }) => `${root}/map.html${query({ lang, ...asked(minutes), profile, as_of: pinned })}`,
  };
}
