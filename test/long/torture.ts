import { spawn } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'
import { RESOURCES } from '../../torture/resources.js'
import { STORES } from '../../torture/stores.js'

/** For each resource, on each store. */
const ROUNDS = 5
const ALL_ROUNDS = ROUNDS * Object.keys(RESOURCES).length

for (const store of Object.keys(STORES)) {
  t.test(`${store}: interrupted ${ALL_ROUNDS} times while clients write, the program loses and doubles nothing`, async (t) => {
    const torture = spawn(process.execPath, [...process.execArgv, 'torture/run.ts', '--store', store, '--rounds', String(ROUNDS)], {
      cwd: new URL('../..', import.meta.url),
      stdio: ['ignore', 'pipe', 'pipe']
    })
    t.teardown(() => torture.kill())
    const output = { out: '', err: '' }
    torture.stdout.on('data', (chunk) => { output.out += chunk })
    torture.stderr.on('data', (chunk) => {
      output.err += chunk
      t.comment(String(chunk).trim())
    })
    const [code] = await once(torture, 'close')
    t.equal(code, 0, output.err)
    t.equal(output.out, `${ALL_ROUNDS} rounds, and no disagreement\n`)
  })
}
