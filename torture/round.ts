import { setTimeout as pause } from 'node:timers/promises'
import type { Client } from './client.js'
import { compare, readList } from './comparison.js'
import { createConnection } from './connection.js'
import type { Knowledge } from './knowledge.js'
import type { Program, Server } from './program.js'
import type { Random } from './random.js'
import { sharedName, type Resource } from './resource.js'
import { retry } from './retries.js'
import type { Ground } from './stores.js'

/** A resource, a store, a server on it, those who write, and what they know. */
export interface Scene {
  readonly resource: Resource
  readonly program: Program
  readonly ground: Ground
  readonly clients: readonly Client[]
  readonly knowledge: Knowledge
  server: Server
}

/** For how long, in milliseconds, there is load before the kill. */
const SHORTEST = 30
const LONGEST = 500

/** One kill, and what is there after it. Says what happened; throws a disagreement. */
export async function playRound (scene: Scene, random: Random, choices: readonly Random[]): Promise<string> {
  const { resource, clients, knowledge } = scene
  knowledge.startRound()
  const load = Promise.all(clients.map((client, i) => client.work(scene.server.address, choices[i] ?? random)))
  const moment = SHORTEST + random.below(LONGEST - SHORTEST)
  // Where a client already sees what must not be, there is no need to wait.
  await Promise.race([pause(moment), load])
  const killed = await kill(scene, random)
  await load
  const { answers } = knowledge
  const unanswered = knowledge.attempts.filter(({ answer }) => answer === undefined).length
  await restart(scene, killed)

  const connection = createConnection(scene.server.address)
  await compare(resource, connection, knowledge, random)
  const retried = await retry(resource, scene.server.address, knowledge, random)
  const records = await compare(resource, connection, knowledge, random)
  connection.close()
  return `${killed === CONNECTIONS ? 'cut' : 'killed'} the ${killed} after ${moment} ms and ${answers} answers, ${unanswered} keys open; sent ${retried} again; ${records} records agree`
}

/** Learns of the records that a new store starts with, which all clients share. */
export async function meet ({ resource, server, knowledge }: Scene): Promise<void> {
  const connection = createConnection(server.address)
  for (const [i, record] of (await readList(resource, connection, '')).entries()) {
    knowledge.shared.push(knowledge.give(resource.pathOf(record), sharedName(i), { version: 0, text: JSON.stringify(record) }))
  }
  connection.close()
}

const CONNECTIONS = 'connections'
const SERVER = 'server'
const DATABASE = 'database'
const BOTH = 'server and the database'

/** After a cut, the server may be at work on what it has read, for so many milliseconds. */
const AT_WORK = 300

async function kill ({ ground: { database, isLost = false }, server, clients }: Scene, random: Random): Promise<string> {
  if (isLost) {
    for (const client of clients) client.cut()
    await pause(AT_WORK)
    return CONNECTIONS
  }
  const killed = database === undefined ? SERVER : random.pick([SERVER, DATABASE, BOTH])
  await Promise.all([killed !== DATABASE && server.kill(), killed !== SERVER && database?.kill()])
  return killed
}

async function restart (scene: Scene, killed: string): Promise<void> {
  const { program, resource: { launch }, ground: { url, database } } = scene
  if (killed === CONNECTIONS) return
  if (killed !== SERVER) await database?.restart()
  if (killed !== DATABASE) scene.server = await program.start(url, launch)
}
