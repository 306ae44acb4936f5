/** The tests of the HTTP suite that are left out on other runtimes than Node.js, by their names, and in what the `node:http` of these differs. */
export const LEFT_OUT: readonly { readonly on: readonly string[], readonly differs: string, readonly tests: readonly string[] }[] = [
  {
    on: ['deno'],
    differs: 'the errors of its parser do not say what is wrong: 400 in place of 501 and 505',
    tests: ['another version of HTTP/1', 'an unknown method', 'an unknown transfer coding', 'an unknown transfer coding after chunked'].map(isProblem)
  },
  {
    on: ['bun'],
    differs: 'the errors of its parser are others: 400 in place of 505, 501 in place of 400, 414 in place of 431',
    tests: [
      ...['what begins as an unknown method would', 'the beginning of TLS', 'another version of HTTP', 'another version of HTTP/1', 'a URI of another scheme'].map(isProblem),
      ...['a transfer coding with a length', 'a length with a transfer coding', 'fields that are too large', 'a field that is too large, without a space'].map(isProblem),
      'a target that is too long is told from fields, wherever the packets of the request begin', 'a request with more fields than are read is refused'
    ]
  },
  {
    on: ['bun'],
    differs: 'OPTIONS * is no request for its parser',
    tests: [isProblem('a target for the server as a whole'), 'OPTIONS may ask about the server as a whole', 'every answer with data, or with nothing, is safe to be led to', 'the id of a request is the one that its client gave it, and is sent back, or else one of the server']
  },
  {
    on: ['bun', 'deno'],
    differs: 'a request that is refused before it is told to continue does not end its connection: the body may still come',
    tests: ['to no path', 'with a method that the path does not take', 'whose body has another media type', 'without a body'].map((what) => `a request ${what} is not told to continue`)
  },
  {
    on: ['bun', 'deno'],
    differs: 'what a client sent before it closed its side, and is no whole request, is not told to the server',
    tests: ['a client that has closed its side gets its answers all the same, with half of a request behind its requests']
  },
  {
    on: ['bun'],
    differs: 'neither is what cannot be read, or a reset',
    tests: ['a client that has closed its side gets its answers all the same, with garbage behind its requests', 'a connection that the client has closed is left alone']
  },
  {
    on: ['bun'],
    differs: 'it does not tell when a client does not read: what waits for it has no bound, and is not waited for at the end',
    tests: [
      'a drain is over when the last client has read all of its answer', 'a client that reads nothing of its answer is cut off', 'one that reads each in time is not',
      'where clients do not read, what waits for them is bounded: no more is begun, and who has let it wait longest is cut off'
    ]
  },
  {
    on: ['deno'],
    differs: 'it does not tell that it has closed a connection as one too many',
    tests: ['there are so many connections at most, which is logged once']
  },
  {
    on: ['deno'],
    differs: 'at the end, a request behind an answer that had begun before is not taken',
    tests: ['while it shuts down, each answer is the last on its connection, and no client is cut off']
  },
  {
    on: ['deno'],
    differs: 'it does not tell at once that clients have closed connections on which bodies are under way',
    tests: ['bodies that are received at once are bounded']
  }
]

function isProblem (what: string): string {
  return `${what} is a problem, after the answers before it`
}
