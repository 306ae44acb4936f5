import { OPERATIONS } from './operations.mjs'
import { SERVERS, SWAGGER } from './servers.mjs'
import { groupBy, mapValues } from './statistics.mjs'
import { formatTable } from './table.mjs'

const integer = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })

/** Everything that a run prints at its end. */
export function formatReport ({ summary, floors, omitted }) {
  const { processor, rate, slow } = summary
  return [
    'Processor time of a request, of its least slice, as a share: that of the limit by that of the server\n\n' + ratioTable(processor, slow),
    'The same in microseconds\n\n' + tableOf(processor.figures, slow, ({ median }) => decimal(median)),
    'Requests a second, as a share of the limit (medians; least to most)\n\n' + ratioTable(rate, slow),
    'The same in numbers (medians)\n\n' + tableOf(rate.figures, slow, ({ median }) => integer.format(median)),
    ...disturbance(summary),
    otherTimes(summary),
    floorTable(floors),
    ...omitted
  ].filter((part) => part !== '').join('\n\n')
}

/** In `node:http`'s column the ratio is one by definition. A range follows where there are several samples. */
function ratioTable ({ ratios }, slow) {
  return tableOf(ratios, slow, ({ median, least, most, count }) =>
    count === 1 || least === most ? ratio(median) : `${ratio(median)} (${ratio(least)}-${ratio(most)})`)
}

function tableOf (cells, slow, format) {
  const shown = mapValues(groupBy([...Object.keys(cells), ...Object.keys(slow)], (name) => name), (_, name) => ({
    ...mapValues(cells[name] ?? {}, (cell) => cell && format(cell)),
    ...slow[name]
  }))
  const operations = OPERATIONS.filter(({ name }) => shown[name])
  const servers = SERVERS.filter(({ name }) => operations.some((operation) => shown[operation.name][name]))
  if (servers.length === 0) return '(nothing)'
  return formatTable([
    ['', ...servers.map(({ title }) => title)],
    ...operations.map((operation) => [operation.title, ...servers.map(({ name }) => shown[operation.name][name] ?? '-')])
  ], servers.map((_, i) => i + 1))
}

function disturbance ({ disturbed, whole }) {
  if (disturbed === 0) return []
  return [`In ${disturbed} of ${whole} samples the server used less than 95 % of its core: another program was running, or the load was too weak.\n` +
    'The requests a second are then less than they could be; the processor time of a request stands.']
}

function otherTimes ({ startup, startupProcessor, latency }) {
  return [
    ...times('Start-up to the first answer', startup),
    ...times('Processor time of it', startupProcessor),
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
  Object.assign(titles, { startup: 'start-up time', latency: 'p99 latency' })
  return 'Floors, in processor time where nothing else is said\n\n' + formatTable(floors.map(({ operation, server, atLeast, atMost, of, by, ratio: found, holds }) => [
    `${holds === undefined ? '-' : holds ? 'holds' : 'FAILS'}`.padEnd(7) + titles[operation] + (server ? `: ${titleOf(server)}` : ''),
    found === undefined ? 'not measured' : ratio(found),
    `(${atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`} x ${titleOf(of)}${by === 'rate' ? ', in requests a second' : ''})`
  ]), [1])
}

/** A server's title, where a floor names one. */
const titleOf = (of) => SERVERS.find(({ name }) => name === of)?.title ?? of

const decimal = (number) => number < 100 ? number.toFixed(1) : integer.format(number)

const ratio = (number) => number < 0.095 ? number.toFixed(3) : number < 9.95 ? number.toFixed(2) : number.toFixed(0)

const milliseconds = (number) => number < 10 ? number.toFixed(2) : number.toFixed(0)
