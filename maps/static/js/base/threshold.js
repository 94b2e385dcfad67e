// The threshold of an address and of an answer: one for all categories, or each category's own in the standard.

/** Value of `minutes` in the address where each category has its own. */
export const OWN = "standard";

/** The parameter of a question for `minutes` of the address. */
export const asked = (minutes) => (minutes === OWN ? { tier: OWN } : { minutes });

/** `minutes` of the address as part of a file's name. */
export const inName = (minutes) => (minutes === OWN ? `tier-${OWN}` : `${minutes}min`);

/** Seconds that are within reach of a category, inclusive. */
export const limitOf = (thresholds, category) => thresholds[category].threshold_s;
