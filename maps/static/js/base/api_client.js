// HTTP client of the service: one method per endpoint, relative addresses only, GET answers cached, faults as ApiError.

/** What went wrong, in the server's words (application/problem+json) or ours. */
export class ApiError extends Error {
  constructor({ title, detail, status, edit, errors = [] }) {
    super(detail || title);
    this.errors = errors;
    this.edit = edit; // index of the edit at fault, of a scenario
    this.title = title;
    this.detail = detail;
    this.status = status;
  }
}

async function problemOf(response) {
  try {
    const body = await response.json();
    return { title: body.title, detail: body.detail, errors: body.errors, edit: body.edit, status: response.status };
  } catch {
    return { title: response.statusText, detail: "", status: response.status };
  }
}

async function ask(address, body) {
  const sent = body ? { method: "POST", headers: { Accept: "application/json", "Content-Type": "application/json" }, body: JSON.stringify(body) } : { headers: { Accept: "application/json" } };
  let response;
  try {
    response = await fetch(address, sent);
  } catch (cause) {
    throw new ApiError({ title: "offline", detail: "", status: 0, cause });
  }
  if (!response.ok) throw new ApiError(await problemOf(response));
  return response.json();
}

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

/** The questions about one district, its gates as of a moment (a weekday and a time, or empty). */
export function district(code, moment = "") {
  const root = `districts/${encodeURIComponent(code)}`;
  const timed = (params) => query({ ...params, at: moment });
  return {
    detail: () => keep(root),
    grids: (level) => keep(`${root}/grids${query({ level })}`),
    points: () => keep(`${root}/service-points`),
    buildings: () => keep(`${root}/buildings`),
    barriers: () => keep(`${root}/barriers`),
    gates: () => keep(`${root}/gates`),
    organisations: () => keep(`${root}/organisations`),
    coverage: ({ minutes, profile, by }) => keep(`${root}/coverage${timed({ minutes, profile, by })}`),
    gaps: ({ minutes, profile, level, category }) =>
      keep(`${root}/gaps${timed({ minutes, profile, level, category })}`),
    /** Not kept: somebody may have drawn them anew since. */
    beats: () => ask(`${root}/beats`),
    beatsHref: (given = {}) => `${root}/beats${query(given)}`,
    streets: (box) => keep(`${root}/walk-edges${query({ bbox: box.join(",") })}`),
    isochrones: ({ place: [lon, lat], minutes, profile, direction }) =>
      keep(`${root}/isochrones${timed({ lon, lat, minutes: minutes.join(","), profile, direction })}`),
    explain: ({ building, category, minutes, profile }) => keep(`${root}/explain${timed({ building, category, minutes, profile })}`),
    /** Nothing is stored: a scenario is worked out anew. `key` says the edits in short. */
    scenario({ edits, key, minutes, profile, by }) {
      const address = `${root}/scenarios${timed({ minutes, profile, by })}`;
      return keep(address, { body: { edits }, key: `${address} ${key}` });
    },
    walk: ({ from, to, profile }) => keep(`${root}/walk${timed({ from: from.join(","), to: to.join(","), profile })}`),
    /** Ask ahead for what the first drawing needs; faults show when it is asked for in earnest. */
    warm({ minutes, profile, level }) {
      for (const part of [
        root,
        `${root}/grids${query({ level })}`,
        `${root}/buildings`,
        `${root}/coverage${timed({ minutes, profile, by: level })}`,
        `${root}/coverage${timed({ minutes: 15, profile, by: "building" })}`,
      ]) {
        keep(part).catch(() => {});
      }
    },
    fileHref: ({ lang, minutes, profile }) => `${root}/map.html${query({ lang, minutes, profile })}`,
  };
}
