/** Every kind of problem, keyed by the last part of its `type`: when a problem is of this kind, and what a client is to do about it. */
export const PROBLEM_KINDS = {
  'invalid-request': {
    status: 400,
    when: 'The request cannot be read, or breaks a rule; `errors` names each rule that it breaks.',
    advice: 'Mend what is named: sent again as it is, the request fails again.'
  },
  unauthorized: {
    status: 401,
    when: 'The request does not say who it is from, or that is not taken.',
    advice: 'Send it again with credentials, as `WWW-Authenticate` asks for them.'
  },
  'not-found': { status: 404, when: 'There is nothing at this path.', advice: 'Do not send it again: an id that the server gave is not given twice.' },
  'method-not-allowed': { status: 405, when: 'The path does not take this method.', advice: 'Use one that `Allow` names.' },
  'patch-conflict': {
    status: 409,
    when: 'The JSON Patch does not apply to what is there.',
    advice: 'Read what is there now, and make a patch for that.'
  },
  duplicate: {
    status: 409,
    when: 'Another record has a value already that no two may share.',
    advice: 'Choose another value, or change the other record.'
  },
  'still-running': {
    status: 409,
    when: 'An earlier request with the same `Idempotency-Key` is still at work.',
    advice: 'Send the same request again after `Retry-After`.'
  },
  'precondition-failed': {
    status: 412,
    when: 'A precondition of the request does not hold; nothing has changed.',
    advice: 'Read what is there now, and decide anew.'
  },
  'content-too-large': { status: 413, when: 'The body has more bytes than are taken: 1 MiB, or what the `detail` says.', advice: 'Send less.' },
  'target-too-long': { status: 414, when: 'The path and the query are too long.', advice: 'Ask for less in the query.' },
  'unsupported-media-type': {
    status: 415,
    when: 'The body has no media type, one that is not taken here, or a content coding.',
    advice: 'Send one that the fields of the answer name.'
  },
  'key-reused': { status: 422, when: 'The `Idempotency-Key` was used for another request.', advice: 'Choose a new key for each new request.' },
  'too-many-requests': { status: 429, when: 'The client has sent more requests than it may.', advice: 'Send it again after `Retry-After`, and fewer from then on.' },
  'fields-too-large': { status: 431, when: 'The fields of the request are too many, or too large.', advice: 'Send fewer or shorter ones.' },
  internal: { status: 500, when: 'The server is at fault.', advice: 'Tell whoever runs it, with the `instance`.' },
  'not-implemented': { status: 501, when: 'The server does not know the method, or the transfer coding.', advice: 'Do not send it again.' },
  unavailable: {
    status: 503,
    when: 'The server cannot answer just now.',
    advice: 'Send it again after `Retry-After`; with an `Idempotency-Key`, a POST or PATCH that was done after all is not done twice.'
  }
} satisfies Record<string, { status: number, when: string, advice: string }>

export type ProblemName = keyof typeof PROBLEM_KINDS

/** A kind by its name; or a status, which stands for its kind where it has one alone, and else for no kind. */
export type KindOrStatus = ProblemName | number

export function statusOf (kind: KindOrStatus): number {
  return typeof kind === 'number' ? kind : PROBLEM_KINDS[kind].status
}

/** The `type` of a problem; `about:blank` where only its status is known (RFC 9457, section 4.2.1). */
export function typeOf (kind: KindOrStatus): string {
  if (typeof kind !== 'number') return `urn:problem-type:${kind}`
  const [name, ...others] = PROBLEM_NAMES.filter((name) => statusOf(name) === kind)
  return name === undefined || others.length > 0 ? 'about:blank' : typeOf(name)
}

/** The kinds with these names as a list in Markdown. */
export function describeKinds (names: readonly ProblemName[]): string {
  return names.map((name) => `- \`${typeOf(name)}\`: ${PROBLEM_KINDS[name].when} ${PROBLEM_KINDS[name].advice}`).join('\n')
}

export const PROBLEM_NAMES = Object.keys(PROBLEM_KINDS).filter(isProblemName)

function isProblemName (name: string): name is ProblemName {
  return name in PROBLEM_KINDS
}
