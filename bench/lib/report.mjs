import { OPERATIONS } from './operations.mjs'
import { SERVERS, SWAGGER } from './servers.mjs'
import { mapValues } from './statistics.mjs'
import { formatTable } from './table.mjs'

const integer = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })

/** Everything that a run prints at its end. */
export function formatReport ({ summary, perCpu, floors, omitted }) {
  return [
    ratioTable(perCpu ? 'Requests per second of processor time' : 'Requests a second', summary),
    fastestTable(summary),
    rateTable(summary),
    ...disturbance(perCpu, summary),
    otherTimes(perCpu, summary),
    floorTable(floors),
    ...omitted
  ].filter((part) => part !== '').join('\n\n')
}

/** In `node:http`'s column the ratio is one by definition. A range follows where there are several samples. */
function ratioTable (what, { ratios }) {
  return `${what}, as a share of the limit (medians; least to most)\n\n` + tableOf(ratios, ({ median, least, most, count }) =>
    count === 1 || least === most ? ratio(median) : `${ratio(median)} (${ratio(least)}-${ratio(most)})`)
}

/** What other programs take from a sample, they rarely take from all of its slices. */
function fastestTable ({ fastest }) {
  const ratios = mapValues(fastest, (rates) => mapValues(rates, (rate) => rate / rates.bare))
  return 'The same of the fastest slices alone\n\n' + tableOf(ratios, (number) => Number.isNaN(number) ? '-' : ratio(number))
}

function rateTable ({ rates }) {
  return 'The same in numbers (medians)\n\n' + tableOf(rates, ({ median }) => integer.format(median))
}

function tableOf (cells, format) {
  const operations = OPERATIONS.filter(({ name }) => cells[name])
  const servers = SERVERS.filter(({ name }) => operations.some((operation) => cells[operation.name][name]))
  if (servers.length === 0) return '(nothing)'
  return formatTable([
    ['', ...servers.map(({ title }) => title)],
    ...operations.map((operation) => [operation.title, ...servers.map(({ name }) => {
      const cell = cells[operation.name][name]
      return cell ? format(cell) : '-'
    })])
  ], servers.map((_, i) => i + 1))
}

function disturbance (perCpu, { disturbed, whole }) {
  if (!disturbed) return []
  return [`In ${disturbed} of ${whole} samples the server used less than 95 % of its core: another program was running, or the load was too weak.` +
    (perCpu ? '' : '\nRun it on an idle machine, or with --per-cpu.')]
}

function otherTimes (perCpu, { startup, latency }) {
  return [
    ...times(`${perCpu ? 'Processor time of the start-up' : 'Start-up'} to the first answer`, startup),
    ...times('99th percentile of the latency at half of the maximum rate of the limit', latency)
  ].join('\n')
}

function times (what, { times }) {
  const servers = [...SERVERS, SWAGGER].filter(({ name }) => times[name])
  if (servers.length === 0) return []
  return [`${what}: ` + servers.map(({ name, title }) => {
    const { median, least, most } = times[name]
    return `${title} ${milliseconds(median)} ms (${milliseconds(least)}-${milliseconds(most)})`
  }).join(', ')]
}

function floorTable (floors) {
  const titles = Object.fromEntries(OPERATIONS.map(({ name, title }) => [name, title]))
  Object.assign(titles, { startup: 'start-up', latency: 'p99 latency' })
  return 'Floors\n\n' + formatTable(floors.map(({ operation, server, atLeast, atMost, of, ratio: found, holds }) => [
    `${holds === undefined ? '-' : holds ? 'holds' : 'FAILS'}`.padEnd(7) + titles[operation] + (server ? `: ${titleOf(server)}` : ''),
    found === undefined ? 'not measured' : ratio(found),
    `(${atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`} x ${titleOf(of)})`
  ]), [1])
}

/** A server's title, where a floor names one. */
const titleOf = (of) => SERVERS.find(({ name }) => name === of)?.title ?? of

const ratio = (number) => number < 0.095 ? number.toFixed(3) : number < 9.95 ? number.toFixed(2) : number.toFixed(0)

const milliseconds = (number) => number < 10 ? number.toFixed(2) : number.toFixed(0)
