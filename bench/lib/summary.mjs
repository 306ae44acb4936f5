import { isDisturbed } from './measure.mjs'
import { groupBy, mapValues, median, summarize } from './statistics.mjs'

/**
 * Two figures for each operation and server, each with its ratio to the limit, over the rounds:
 * - `processor`, the processor time of a request: of a round, that of the slice in which it was least, because others only add to it;
 * - `rate`, the requests a second: of a round, the median of its slices; and of their ratios, each to the slice of the
 *   limit shortly before or after it, so that what slows the machine down for a while slows both.
 *
 * `slow` has the cells of servers that were too slow to be measured.
 */
export function summarizeSamples ({ samples, startups, latencies }) {
  const measured = samples.filter(({ slow }) => slow === undefined)
  const limits = new Map(measured.filter(({ server }) => server === 'bare').map((sample) => [cellOf(sample), sample]))
  return {
    processor: table(measured, ({ processor }) => [processor], limits, (own, limit) => [limit.processor / own.processor]),
    rate: table(measured, ratesOf, limits, ratiosToLimit),
    slow: mapCells(samples.filter(({ slow }) => slow !== undefined), ([{ slow }]) => slow),
    startup: ofServers(startups, ({ startup }) => startup, 'swagger'),
    startupProcessor: ofServers(startups, ({ processor }) => processor, 'swagger'),
    latency: ofServers(latencies, ({ p99 }) => p99, 'bare'),
    disturbed: measured.filter(isDisturbed).length,
    whole: measured.length
  }
}

/** The samples of a round and an operation are compared. */
const cellOf = ({ round, operation }) => `${round} ${operation}`

/** Figures and their ratios to the limit, by operation and server. */
function table (samples, figuresOf, limits, ratiosOf) {
  return {
    figures: mapCells(samples, (mine) => summarizeRounds(mine.map(figuresOf))),
    ratios: mapCells(samples, (mine) => summarizeRounds(mine.flatMap((own) => {
      const limit = limits.get(cellOf(own))
      return limit === undefined ? [] : [ratiosOf(own, limit)]
    })))
  }
}

/** Of one round, its slices; of several, their medians. What could not be measured, as processor time where nobody counts it, is left out. */
function summarizeRounds (rounds) {
  return summarize((rounds.length === 1 ? rounds[0] : rounds.map(median)).filter(Number.isFinite))
}

const ratesOf = ({ slices }) => slices.map(({ rate }) => rate)

/** One for each slice; a slow server has fewer of them, and one ratio, to the median of the limit's. */
function ratiosToLimit (own, limit) {
  const rates = ratesOf(own)
  const limits = ratesOf(limit)
  return rates.length === limits.length ? rates.map((rate, i) => rate / limits[i]) : [median(rates) / median(limits)]
}

/** A value for each operation and server that has samples. */
function mapCells (samples, make) {
  return mapValues(groupBy(samples, ({ operation }) => operation), (samples) =>
    mapValues(groupBy(samples, ({ server }) => server), make))
}

/** What the product takes, as a ratio to what another takes. */
function ofServers (samples, timeOf, other) {
  const measured = samples.filter((sample) => Number.isFinite(timeOf(sample)))
  const times = mapValues(groupBy(measured, ({ server }) => server), (samples) => summarize(samples.map(timeOf)))
  return { times, ratio: times.product && times[other] && times.product.median / times[other].median }
}
