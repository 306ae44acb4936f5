import { judge } from './floors.mjs'
import { OPERATIONS } from './operations.mjs'
import { SERVERS, SWAGGER } from './servers.mjs'
import { element, FAINT, group, INK, LINE, picture, text } from './svg.mjs'

const COLORS = {
  product: '#0969da',
  bare: '#59636e',
  fastify: '#8c959f',
  hono: '#bc8f5a',
  express: '#b5a642',
  uvicorn: '#6fa287',
  hypercorn: '#8fb8a3',
  swagger: '#8c959f'
}

const WIDTH = 960
const MARGIN = 28
const PANEL = { width: (WIDTH - 3 * MARGIN) / 2, label: 118, value: 96, bar: 13, step: 18, head: 30 }

const TITLE = 'Processor time of a request: that of a bare node:http server by that of each server'

/** Draws the ratios to the limit, one panel for each operation, and below them what is better when it is short. */
export function drawChart ({ summary, date, machine, versions }) {
  const floors = judge(summary)
  const panels = [
    ...OPERATIONS.filter(({ name }) => summary.processor.ratios[name]).map((operation) => ratioPanel(operation, summary.processor, floors)),
    timePanel('start-up to the first answer, ms', summary.startup),
    timePanel('99th percentile of the latency at half rate, ms', summary.latency)
  ].filter((panel) => panel !== undefined)

  const { placed, bottom } = place(panels, 84)
  const notes = footer(date, machine, versions)
  const height = bottom + 17 * notes.length + 6
  return picture(WIDTH, height, TITLE,
    text(MARGIN, 36, TITLE, { 'font-size': 19, 'font-weight': 600 }), '\n',
    text(MARGIN, 58, 'Bars are medians of the rounds, thin lines go from the least to the most; beside them, the microseconds. The dashed line is the bare server; the tick is the floor that this API must reach.', { fill: FAINT }), '\n',
    placed,
    notes.map((note, i) => text(MARGIN, bottom + 8 + 17 * i, note, { fill: FAINT, 'font-size': 11 }) + '\n')
  )
}

/** Two columns of panels; where each row is as high as its higher panel. */
function place (panels, top) {
  let bottom = top
  const placed = []
  for (let i = 0; i < panels.length; i += 2) {
    const row = panels.slice(i, i + 2)
    placed.push(...row.map(({ content }, column) => group(MARGIN + column * (PANEL.width + MARGIN), bottom, content)))
    bottom += Math.max(...row.map(({ height }) => height)) + 18
  }
  return { placed, bottom }
}

function ratioPanel ({ name, title }, { ratios, figures }, floors) {
  const floor = floors.find(({ operation, of }) => operation === name && of === 'limit')?.atLeast
  const bars = SERVERS.filter((server) => ratios[name][server.name]).map((server) => ({
    ...server,
    ...ratios[name][server.name],
    floor: server.name === 'product' ? floor : undefined,
    value: `${formatRatio(ratios[name][server.name].median)}   ${formatTime(figures[name][server.name].median)} us`
  }))
  return panel(title, bars, Math.max(1, ...bars.map(({ median }) => median)) * 1.1, 1)
}

function timePanel (title, { times }) {
  const bars = [...SERVERS, SWAGGER].filter(({ name }) => times[name])
    .map((server) => ({ ...server, title: server === SWAGGER ? 'Fastify + swagger' : server.title, ...times[server.name], value: formatTime(times[server.name].median) }))
  return bars.length === 0 ? undefined : panel(title, bars, Math.max(...bars.map(({ median }) => median)) * 1.3)
}

function panel (title, bars, most, mark) {
  const scale = (PANEL.width - PANEL.label - PANEL.value) / most
  const height = PANEL.head + bars.length * PANEL.step
  const content = [
    text(0, 14, title, { 'font-weight': 600, 'font-size': 13 }),
    element('line', { x1: PANEL.label, y1: PANEL.head - 5, x2: PANEL.label, y2: height - 2, stroke: LINE }),
    mark === undefined ? '' : element('line', { x1: PANEL.label + mark * scale, y1: PANEL.head - 5, x2: PANEL.label + mark * scale, y2: height - 2, stroke: FAINT, 'stroke-dasharray': '3 3' }),
    ...bars.map((bar, i) => drawBar(bar, PANEL.head + i * PANEL.step, scale))
  ]
  return { content, height }
}

function drawBar ({ name, title, median, least, most, value, floor }, y, scale) {
  const middle = y + PANEL.bar / 2
  const weight = name === 'product' ? 600 : undefined
  // What is off the scale ends where the scale does.
  const at = (number) => Math.min(PANEL.label + number * scale, PANEL.width - PANEL.value)
  return [
    text(PANEL.label - 8, middle + 4, title, { 'text-anchor': 'end', 'font-weight': weight, 'font-size': 11.5 }),
    element('rect', { x: PANEL.label, y, width: Math.max(1, median * scale), height: PANEL.bar, fill: COLORS[name] }),
    least === most ? '' : element('line', { x1: at(least), y1: middle, x2: at(most), y2: middle, stroke: INK, 'stroke-width': 1 }),
    floor === undefined ? '' : element('line', { x1: at(floor), y1: y - 2.5, x2: at(floor), y2: y + PANEL.bar + 2.5, stroke: '#cf222e', 'stroke-width': 2 }),
    text(PANEL.width - PANEL.value + 10, middle + 4, value, { 'font-weight': weight, 'font-size': 11.5, 'xml:space': 'preserve' })
  ].join('')
}

function footer (date, { processor, cores, memory, system }, versions) {
  const { node, product, fastify, hono, '@hono/node-server': adapter, express, python, fastapi, uvicorn, hypercorn } = versions
  return [
    `${date.slice(0, 10)} · ${processor}, ${cores} cores, ${memory} · ${system} · each server on one core`,
    `this API ${product} · Node.js ${node} · Fastify ${fastify} · Hono ${hono} on @hono/node-server ${adapter} · Express ${express}`,
    ...fastapi ? [`FastAPI ${fastapi} on uvicorn ${uvicorn} and hypercorn ${hypercorn}, Python ${python}`] : []
  ]
}

const formatRatio = (ratio) => ratio < 0.095 ? ratio.toFixed(3) : ratio.toFixed(2)
const formatTime = (time) => time < 10 ? time.toFixed(2) : time.toFixed(0)
