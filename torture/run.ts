import { inspect } from 'node:util'
import { attackStores } from './attack/run.js'
import { createClient } from './client.js'
import { createKnowledge } from './knowledge.js'
import { USAGE, readOptions, type Options } from './options.js'
import { buildProgram, type Program } from './program.js'
import { createProgress } from './progress.js'
import { createRandom } from './random.js'
import type { Resource } from './resource.js'
import { RESOURCES } from './resources.js'
import { meet, playRound, type Scene } from './round.js'
import { STORES } from './stores.js'

const CONNECTIONS = 50

/** After so many rounds, a new store: else each round would have more to compare than the one before. */
const ROUNDS_PER_STORE = 20

// What it has started ends with it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(130))

run(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`\n${inspect(error)}\n`)
  process.exit(1)
})

async function run (args: string[]): Promise<void> {
  const options = readOptions(args)
  if (options.help) {
    process.stdout.write(`${USAGE}\n`)
    return
  }
  process.stderr.write(`the seed is ${options.seed}\n`)
  if (options.attack) process.exitCode = await attackStores(options) === 0 ? 0 : 1
  else await torture(options)
}

async function torture ({ rounds, store, seed, resource: asked }: Options): Promise<void> {
  const resources = [...Object.entries(RESOURCES).entries()].filter(([, [name]]) => asked === name || asked === 'all')
  const program = buildProgram(...new Set(resources.flatMap(([, [, { launch: { entry } }]]) => entry ?? [])))
  const progress = createProgress(rounds * resources.length)
  for (const [i, [name, resource]] of resources) {
    for (let first = 0; first < rounds; first += ROUNDS_PER_STORE) {
      const scene = await setUp(program, store, resource)
      for (let round = first; round < Math.min(first + ROUNDS_PER_STORE, rounds); round++) {
        const choices = scene.clients.map((_, client) => createRandom(seed, i, round, client + 1))
        progress.step(`${name}: ${await playRound(scene, createRandom(seed, i, round, 0), choices).catch((cause: unknown) => {
          throw new Error(`round ${round + 1} of ${name} failed, and the store is still there: ${scene.ground.url}`, { cause })
        })}`)
      }
      await scene.server.kill()
      await scene.ground.remove()
    }
  }
  progress.end()
  process.stdout.write(`${rounds * resources.length} rounds, and no disagreement\n`)
}

async function setUp (program: Program, store: string, resource: Resource): Promise<Scene> {
  const create = STORES[store]
  if (create === undefined) throw new Error(`there is no store ${store}`)
  const ground = await create()
  const knowledge = createKnowledge()
  const clients = Array.from({ length: CONNECTIONS }, (_, i) => createClient(`client${i}`, resource, knowledge))
  const scene = { resource, program, ground, knowledge, clients, server: await program.start(ground.url, resource.launch) }
  await meet(scene)
  return scene
}
