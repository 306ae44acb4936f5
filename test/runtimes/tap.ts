import assert from 'node:assert'
import { setTimeout as sleep } from 'node:timers/promises'

// As much of tap as the HTTP suite uses, for runtimes on which tap itself does not run: a line of JSON for each test, with its names and its
// faults. LEFT_OUT lists the names of those that are not to run.

/** How long, in milliseconds, a test may take. */
const PATIENCE = 10_000

type Body = (t: ReturnType<typeof createTest>) => unknown

const leftOut: string[] = JSON.parse(process.env.LEFT_OUT ?? '[]')
let waiting = 0
let current: ReturnType<typeof createTest>
for (const event of ['uncaughtException', 'unhandledRejection']) process.on(event, (error: unknown) => { current.fail(`nothing catches ${describe(error)}`) })

process.on('exit', () => { if (waiting > 0) process.exitCode = 1 })

function createTest (names: readonly string[]) {
  const faults: string[] = []
  const cleanUps: (() => unknown)[] = []
  let queue = Promise.resolve()
  let timer: NodeJS.Timeout | undefined
  const t = {
    test,
    run,
    teardown: (cleanUp: () => unknown) => { cleanUps.unshift(cleanUp) },
    after: (cleanUp: () => unknown) => { cleanUps.unshift(cleanUp) },
    setTimeout: () => {},
    end: () => {},
    pass: () => {},
    fail: (message = '') => check(message, () => assert.fail()),
    ok: (value: unknown, message = '') => check(message, () => assert.ok(value)),
    notOk: (value: unknown, message = '') => check(message, () => assert.ok(!value)),
    equal: (value: unknown, wanted: unknown, message = '') => check(message, () => assert.strictEqual(value, wanted)),
    not: (value: unknown, wanted: unknown, message = '') => check(message, () => assert.notStrictEqual(value, wanted)),
    same: (value: unknown, wanted: unknown, message = '') => check(message, () => assert.deepEqual(value, wanted)),
    strictSame: (value: unknown, wanted: unknown, message = '') => check(message, () => assert.deepStrictEqual(value, wanted)),
    match: (value: unknown, pattern: unknown, message = '') => check(message, () => assert.ok(matches(value, pattern), `${show(value)} does not match ${show(pattern)}`)),
    notMatch: (value: unknown, pattern: unknown, message = '') => check(message, () => assert.ok(!matches(value, pattern), `${show(value)} matches ${show(pattern)}`)),
    rejects: async (work: Promise<unknown> | (() => Promise<unknown>), pattern: unknown = Error) => {
      t.match(await (async () => typeof work === 'function' ? work() : work)().then(() => undefined, (error: unknown) => error), pattern)
    }
  }
  return t

  /** Runs a test when those before it have ended. */
  function test (name: string, body: Body): Promise<void> {
    clearTimeout(timer)
    waiting++
    return (queue = queue.then(async () => {
      const inner = [...names, name]
      if (leftOut.includes(name)) write({ names: inner, leftOut: true })
      else await createTest(inner).run(body)
      waiting--
      endSoon()
    }))
  }

  async function run (body: Body): Promise<void> {
    current = t
    const whole = async () => {
      await body(t)
      await queue
    }
    const late = new Promise<never>((_resolve, reject) => { timer = setTimeout(() => reject(new Error('it takes too long')), PATIENCE) })
    await Promise.race([whole(), late]).catch((error: unknown) => t.fail(describe(error)))
    clearTimeout(timer)
    // What a runtime does not close is gone with the process.
    for (const cleanUp of cleanUps) await Promise.race([sleep(2000), Promise.resolve().then(cleanUp)]).catch((error: unknown) => t.fail(`at its end: ${describe(error)}`))
    write({ names, faults })
  }

  function check (message: string, assertion: () => void): void {
    try {
      assertion()
    } catch (error) {
      faults.push(`${message} ${describe(error)}`.slice(0, 3000))
    }
  }
}

/** Ends the process where no other test comes, whatever a runtime has left open. */
function endSoon (): void {
  setTimeout(() => { if (waiting === 0) process.exit() }, 1000).unref()
}

const write = (line: object): void => { process.stdout.write(`${JSON.stringify(line)}\n`) }

/** Whether a value is as a pattern of tap says. */
function matches (value: unknown, pattern: unknown): boolean {
  if (pattern instanceof RegExp) return pattern.test(String(value))
  if (typeof pattern === 'string') return typeof value === 'string' && value.includes(pattern)
  if (typeof pattern === 'function') return Object(value) instanceof pattern
  if (pattern instanceof Error) return value instanceof Error && value.message === pattern.message
  if (typeof pattern !== 'object' || pattern === null) return value === pattern
  return typeof value === 'object' && value !== null && Object.entries(pattern).every(([key, part]) => matches(Object(value)[key], part))
}

const show = (value: unknown): string => value instanceof RegExp ? String(value) : String(JSON.stringify(value)).slice(0, 1000)

const describe = (error: unknown): string => error instanceof Error ? `${error.message}\n${error.stack}` : String(error)

export default createTest([])
