/** An SVG element; undefined attributes are left out. */
export function element (name, attributes = {}, ...children) {
  const text = Object.entries(attributes).filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escape(typeof value === 'number' ? round(value) : value)}"`).join('')
  const content = children.flat().join('')
  return content === '' ? `<${name}${text}/>` : `<${name}${text}>${content}</${name}>`
}

export const text = (x, y, content, attributes = {}) => element('text', { x, y, ...attributes }, escape(content))

export const group = (x, y, ...children) => element('g', { transform: `translate(${round(x)} ${round(y)})` }, ...children) + '\n'

/** A whole picture, on a white ground, so that it can be read on a dark page. */
export function picture (width, height, label, ...children) {
  const attributes = { xmlns: 'http://www.w3.org/2000/svg', width, height, viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': label }
  const ground = element('rect', { width, height, rx: 8, fill: '#ffffff' })
  const font = { 'font-family': 'system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif', 'font-size': 12, fill: INK }
  return element('svg', attributes, '\n', ground, '\n', element('g', font, '\n', ...children)) + '\n'
}

export const INK = '#1f2328'
export const FAINT = '#59636e'
export const LINE = '#d1d9e0'

const escape = (content) => String(content).replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)

const round = (number) => Math.round(number * 100) / 100
