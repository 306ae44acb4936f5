import { isDisturbed } from './measure.mjs'
import { groupBy, mapValues, median, summarize } from './statistics.mjs'

/**
 * Medians and spreads of the rounds; of the slices, where there was one round. A round's ratio to the limit is the
 * median of the ratios of its slices, each to the slice of the limit shortly before or after it, so that what slows the
 * machine down for a while slows both. With `perCpu`, all but the latencies is counted in the processor time of the server.
 */
export function summarizeSamples ({ samples, startups, latencies }, perCpu) {
  const key = perCpu ? 'perCpu' : 'rate'
  const rates = table(samples, (mine) => summarizeRounds(mine.map(({ slices }) => slices.map((slice) => slice[key]))))
  const ratios = table(samples, (mine) => summarizeRounds(mine.map((sample) => ratiosToLimit(sample, samples, key))))
  return {
    rates,
    ratios,
    fastest: table(samples, (mine) => Math.max(...mine.flatMap(({ slices }) => slices.map((slice) => slice[key])))),
    startup: ofServers(startups, ({ startup, processor }) => perCpu ? processor : startup, 'swagger'),
    latency: ofServers(latencies, ({ p99 }) => p99, 'bare'),
    disturbed: samples.filter(isDisturbed).length,
    whole: samples.length
  }
}

function summarizeRounds (rounds) {
  return summarize(rounds.length === 1 ? rounds[0] : rounds.filter((slices) => slices.length > 0).map(median))
}

/** One for each slice of a sample; a slow server has fewer of them, and one ratio, to the median of the limit's. */
function ratiosToLimit ({ round, operation, slices }, samples, key) {
  const limit = samples.find((sample) => sample.round === round && sample.operation === operation && sample.server === 'bare')
  if (limit === undefined) return []
  const rates = slices.map((slice) => slice[key])
  const limits = limit.slices.map((slice) => slice[key])
  return rates.length === limits.length ? rates.map((rate, i) => rate / limits[i]) : [median(rates) / median(limits)]
}

/** A value for each operation and server that has samples. */
function table (samples, make) {
  const operations = groupBy(samples, ({ operation }) => operation)
  return mapValues(operations, (samples) =>
    mapValues(groupBy(samples, ({ server }) => server), make))
}

/** What the product takes, as a ratio to what another takes. */
function ofServers (samples, timeOf, other) {
  const times = mapValues(groupBy(samples, ({ server }) => server), (samples) => summarize(samples.map(timeOf)))
  return { times, ratio: times.product && times[other] && times.product.median / times[other].median }
}
