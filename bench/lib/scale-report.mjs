import { LEVELS, STEPS } from './scale-plan.mjs'
import { formatTable } from './table.mjs'

const integer = new Intl.NumberFormat('en')

/** Everything that a run prints at its end. */
export function formatScale (results) {
  return [...LEVELS.map((level) => timeTable(level, results)), sizeTable(results)].join('\n\n')
}

function timeTable ({ name, title }, results) {
  const rows = seriesOf(results, name).map(({ title, values }) => [title, ...values.map(formatTime), `x ${(values.at(-1) / values[0]).toFixed(1)}`])
  return `Microseconds, ${title} (growth from the first to the last column)\n\n` + tableOf(results, ['growth'], rows)
}

/** The lines of a table or chart: a page has two. */
export function seriesOf (results, level) {
  return STEPS.flatMap(({ name, title, page }) => {
    const values = results.map(({ times }) => times[level][name])
    if (!page) return [{ name, title, values }]
    return [
      { name, title: `${title}, after a write`, values: values.map(({ changing }) => changing) },
      { name, title: `${title}, the same again`, values: values.map(({ still }) => still), again: true }
    ]
  })
}

function sizeTable (results) {
  const bytes = (kind) => results.map(({ memory }) => integer.format(Math.round(memory[kind])))
  const isOnDisk = results[0].bytes !== undefined
  const sizes = isOnDisk
    ? [['the file', ...results.map(({ size, bytes }) => integer.format(Math.round(bytes / size)))]]
    : [
        ['the store', ...bytes('store')],
        ['a Map of the same objects', ...bytes('map')],
        ['ratio', ...results.map(({ memory }) => (memory.store / memory.map).toFixed(2))]
      ]
  return 'Bytes per record with every index, and seconds to fill the store and to make the indexes\n\n' + tableOf(results, [], [
    ...sizes,
    ['seconds to fill the store', ...results.map(({ fill }) => fill.toFixed(2))],
    ['seconds to make its four indexes', ...results.map(({ indexing }) => indexing.toFixed(2))]
  ])
}

function tableOf (results, more, rows) {
  const head = ['records', ...results.map(({ size }) => integer.format(size)), ...more]
  return formatTable([head, ...rows], head.map((_, i) => i).slice(1))
}

const formatTime = (time) => time < 0.1 ? time.toFixed(3) : time < 9.95 ? time.toFixed(2) : time < 99.5 ? time.toFixed(1) : integer.format(Math.round(time))
