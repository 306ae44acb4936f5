/** The media types that this API speaks. */
export const JSON_TYPE = 'application/json'
export const MERGE_PATCH = 'application/merge-patch+json'
export const JSON_PATCH = 'application/json-patch+json'
export const PROBLEM_JSON = 'application/problem+json'
