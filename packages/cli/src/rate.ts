/** Requests per second and key, as the API documents it. */
export const documentedLimit = 25;
