import { LEVELS, STEPS } from './scale-plan.mjs'
import { seriesOf } from './scale-report.mjs'
import { element, FAINT, group, LINE, picture, text } from './svg.mjs'

const WIDTH = 960
const MARGIN = 28
const COLUMNS = 3
const PANEL = { width: (WIDTH - MARGIN) / COLUMNS - MARGIN, left: 34, top: 26, height: 150 }
const COLORS = { store: '#0969da', request: '#bf5700' }

/** Draws how each operation grows with the number of records, and the memory of a record. */
export function drawScale ({ results, date, machine: { processor, cores, memory, system }, versions: { node, product } }) {
  const marks = marksOf(results)
  const panels = [...STEPS.map((step) => timePanel(step, results, marks)), memoryPanel(results)]
  const step = PANEL.top + PANEL.height + 44
  const placed = panels.map((panel, i) => group(MARGIN + i % COLUMNS * (PANEL.width + MARGIN), 84 + Math.floor(i / COLUMNS) * step, panel))
  const bottom = 84 + Math.ceil(panels.length / COLUMNS) * step
  return picture(WIDTH, bottom + 16, 'How the operations and the memory grow with the number of records',
    text(MARGIN, 36, 'Microseconds of an operation, by the number of records (both axes logarithmic)', { 'font-size': 19, 'font-weight': 600 }), '\n',
    legend(), '\n',
    placed,
    text(MARGIN, bottom, `${date.slice(0, 10)} · ${processor}, ${cores} cores, ${memory} · ${system} · Node.js ${node} · this API ${product}`, { fill: FAINT, 'font-size': 11 })
  )
}

function legend () {
  const entries = [
    ...LEVELS.map(({ name, title }) => ({ color: COLORS[name], title })),
    { color: FAINT, title: 'dashed: the same page again, with nothing written since', dashed: true }
  ]
  let x = MARGIN
  return entries.map(({ color, title, dashed }) => {
    const at = x
    x += 44 + title.length * 6.4
    return element('line', { x1: at, y1: 56, x2: at + 22, y2: 56, stroke: color, 'stroke-width': 2, 'stroke-dasharray': dashed ? '3 3' : undefined }) +
      text(at + 28, 60, title, { fill: FAINT })
  }).join('')
}

/** The powers of ten that hold every time, every second one of them where there are many. */
function marksOf (results) {
  const times = LEVELS.flatMap(({ name }) => seriesOf(results, name)).flatMap(({ values }) => values)
  const first = Math.floor(Math.log10(Math.min(...times)))
  const last = Math.ceil(Math.log10(Math.max(...times)))
  const step = last - first > 4 ? 2 : 1
  return Array.from({ length: Math.ceil((last - first) / step) + 1 }, (_, i) => 10 ** (first + i * step))
}

function timePanel ({ name, title }, results, marks) {
  const y = logScale(marks[0], marks.at(-1), PANEL.top + PANEL.height, PANEL.top)
  const x = xScale(results)
  const lines = LEVELS.flatMap((level) => seriesOf(results, level.name).filter((series) => series.name === name)
    .map(({ values, again }) => drawLine(values.map((value, i) => [x(results[i].size), y(value)]), COLORS[level.name], again)))
  return [text(0, 12, title, { 'font-weight': 600, 'font-size': 13 }), grid(y, marks, formatTime), axis(x, results), lines]
}

function memoryPanel (results) {
  const most = Math.max(...results.flatMap(({ memory: { store, map } }) => [store, map])) * 1.1
  const y = (value) => PANEL.top + PANEL.height * (1 - value / most)
  const x = xScale(results)
  const line = (kind, color) => drawLine(results.map(({ size, memory }) => [x(size), y(memory[kind])]), color)
  const last = results.at(-1).memory
  const label = (kind, title, color) => text(PANEL.width, y(last[kind]) - 8, `${title}: ${Math.round(last[kind])}`, { 'text-anchor': 'end', fill: color, 'font-size': 11 })
  const marks = [0, 250, 500, 750, 1000, 1250, 1500, 2000, 3000].filter((mark) => mark < most)
  return [
    text(0, 12, 'bytes per record (linear)', { 'font-weight': 600, 'font-size': 13 }),
    grid(y, marks, String), axis(x, results),
    line('store', COLORS.store), line('map', FAINT), label('store', 'the store', COLORS.store), label('map', 'a Map of objects', FAINT)
  ]
}

const xScale = (results) => logScale(results[0].size, results.at(-1).size, PANEL.left + 6, PANEL.width - 6)

function logScale (least, most, from, to) {
  const span = Math.log(most / least) || 1
  return (value) => from + (to - from) * Math.log(value / least) / span
}

function grid (y, marks, format) {
  return marks.map((mark) =>
    element('line', { x1: PANEL.left, y1: y(mark), x2: PANEL.width, y2: y(mark), stroke: LINE, 'stroke-width': 0.75 }) +
    text(PANEL.left - 4, y(mark) + 4, format(mark), { 'text-anchor': 'end', fill: FAINT, 'font-size': 10 }))
}

function axis (x, results) {
  return results.map(({ size }) => text(x(size), PANEL.top + PANEL.height + 15, formatSize(size), { 'text-anchor': 'middle', fill: FAINT, 'font-size': 10 }))
}

function drawLine (points, color, dashed) {
  const dots = points.map(([cx, cy]) => element('circle', { cx, cy, r: 2.5, fill: color }))
  return element('polyline', { points: points.map((point) => point.map((number) => number.toFixed(1)).join()).join(' '), fill: 'none', stroke: color, 'stroke-width': 1.75, 'stroke-dasharray': dashed ? '3 3' : undefined }) + dots.join('')
}

const formatSize = (size) => size >= 1e6 ? `${size / 1e6} M` : size >= 1000 ? `${size / 1000} k` : String(size)

const formatTime = (micros) => micros >= 1e6 ? `${micros / 1e6} s` : micros >= 1000 ? `${micros / 1000} ms` : micros >= 1 ? `${micros} µs` : `${Math.round(micros * 1000)} ns`
